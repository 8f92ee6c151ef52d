import { QueryClient } from "@tanstack/react-query";
import { onSessionChange } from "./api/client";
import { asProblem } from "./api/problem";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Whether there is a network is asked of the server: what the browser believes keeps questions back for ever, and
      // sends what was pressed minutes ago when somebody has long typed on.
      networkMode: "always",
      // Only what may pass by itself is worth another try; a refusal stays one.
      retry: (count, error) => asProblem(error).temporary && count < 2,
    },
    mutations: { networkMode: "always" },
  },
});

onSessionChange(() => void queryClient.invalidateQueries({ queryKey: ["session"] }));
