type Options = { cause?: unknown; values?: Record<string, unknown> }

/** An error meant for people: an HTTP status, a stable code and the key of its message. */
export class AppError extends Error {
  readonly status: number
  readonly code: string
  readonly values: Record<string, unknown>

  constructor(status: number, code: string, options: Options = {}) {
    super(code, { cause: options.cause })
    this.name = new.target.name
    this.status = status
    this.code = code
    this.values = options.values ?? {}
  }
}

/** Not there, or not visible to this person: nobody learns which. */
export class NotFoundError extends AppError {
  constructor(code = 'errors.notFound', options?: Options) {
    super(404, code, options)
  }
}

/** Visible, but this person may not do that. */
export class ForbiddenError extends AppError {
  constructor(code = 'errors.forbidden', options?: Options) {
    super(403, code, options)
  }
}

/** The person must set up the second step of signing in before anything else. */
export class SecondStepError extends AppError {
  constructor() {
    super(403, 'errors.secondStep')
  }
}

/** Someone changed it meanwhile, or it is taken: the page must be seen again. */
export class ConflictError extends AppError {
  constructor(code = 'errors.conflict', options?: Options) {
    super(409, code, options)
  }
}

/** The database or another server does not answer; nothing was changed. */
export class UnavailableError extends AppError {
  constructor(code = 'errors.unavailable', options?: Options) {
    super(503, code, options)
  }
}

export type FieldError = { field: string; code: string; values?: Record<string, unknown> }

/** What was typed breaks a rule: shown beside the fields that it names (`''` for the whole form). */
export class InputError extends AppError {
  readonly fields: FieldError[]

  constructor(fields: FieldError[]) {
    super(422, 'errors.input')
    this.fields = fields
  }

  /** One field, one reason. */
  static of(field: string, code: string, values?: Record<string, unknown>): InputError {
    return new InputError([{ field, code, values }])
  }
}
