import type { PreviewReason } from './index.ts'

/** A content of which no preview can be made, now or later. */
export class PreviewFailure extends Error {
  readonly reason: PreviewReason

  constructor(reason: PreviewReason, cause?: unknown) {
    super(`no preview: ${reason}`, { cause })
    this.name = 'PreviewFailure'
    this.reason = reason
  }
}
