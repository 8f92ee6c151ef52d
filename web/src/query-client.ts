import { QueryClient } from "@tanstack/react-query";
import { onSessionChange } from "./api/client";
import { asProblem } from "./api/problem";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Only what may pass by itself is worth another try; a refusal stays one.
      retry: (count, error) => asProblem(error).temporary && count < 2,
    },
  },
});

onSessionChange(() => void queryClient.invalidateQueries({ queryKey: ["session"] }));
