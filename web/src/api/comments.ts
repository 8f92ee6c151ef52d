import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { Comment, CommentBody } from "./types";

export function commentsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "comments"],
    queryFn: ({ signal }) => api.get<Comment[]>(`/comparisons/${comparison}/comments`, { signal }),
  });
}

export function saveComment(comparison: string, id: string, body: CommentBody, keepalive = false): Promise<Comment> {
  return api.put(`/comparisons/${comparison}/comments/${id}`, { body, keepalive });
}

export function deleteComment(comparison: string, id: string): Promise<void> {
  return api.delete(`/comparisons/${comparison}/comments/${id}`);
}

export function restoreComment(comparison: string, id: string): Promise<Comment> {
  return api.post(`/comparisons/${comparison}/comments/${id}/restore`);
}
