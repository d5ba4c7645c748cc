/** What went wrong, in words for people; the app makes it from problem+json. */
export interface ProblemText {
  readonly title: string;
  readonly detail: string;
  /** What the person can do. */
  readonly advice?: string | undefined;
  /** Finds the request in the server's log. */
  readonly requestId?: string | null | undefined;
  /** HTTP status; absent when the server did not answer. */
  readonly status?: number | undefined;
}
