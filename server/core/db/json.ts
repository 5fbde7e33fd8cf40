/** JSON documents are TEXT on both databases; this is their one codec. */
export const toJson = (value: unknown): string => JSON.stringify(value ?? null)

/** Reads a JSON column; `fallback` stands for NULL. */
export function fromJson<T>(text: string | null | undefined, fallback: T): T {
  if (text === null || text === undefined || text === '') return fallback
  return JSON.parse(text) as T
}
