import type { Role } from "../../api/types";

export const ROLES: readonly Role[] = ["contributor", "reviewer", "operator"];
