/** Changes on the server: what was known of what they touch is asked anew, also after one that was refused. */

import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "./client";
import { notify } from "./notices";

export type Changing<Given, Made> = UseMutationResult<Made, Error, Given>;

export function useChanging<Given, Made>(
  change: (given: Given) => Promise<Made>,
  ...touched: readonly QueryKey[]
): Changing<Given, Made> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(touched.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** Says beside the page that something was done. */
export function said(message: string): void {
  void notify({ message, color: "teal", autoClose: 4000 });
}

/** Says beside the page why something was not done; for buttons that have no place of their own for it. */
export function refused(error: unknown): void {
  void notify({
    color: "orange",
    title: error instanceof Problem ? error.title : "This did not work",
    message: error instanceof Error ? error.message : "Something went wrong.",
  });
}

/** Whether somebody else was quicker, or something stands in the way: the server's 409. */
export function isConflict(error: unknown): boolean {
  return error instanceof Problem && error.status === 409;
}
