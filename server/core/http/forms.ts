import type { z } from 'zod'
import { type FieldError, InputError } from '../errors.ts'
import type { Translate } from '../i18n/index.ts'

/** A form as it is shown again: what was typed, and the reason beside each field. */
export type Form = {
  values: Record<string, unknown>
  errors: Record<string, string>
  summary: { field: string; message: string }[]
  /** What refused it, where there is more to show than reasons beside fields. */
  refusal?: InputError
  /** What someone else saved meanwhile, by the names of the fields: shown beside what was typed. */
  newest?: Record<string, unknown>
}

/** A form with nothing wrong, filled from an object. */
export const cleanForm = (values: Record<string, unknown> = {}): Form => ({ values, errors: {}, summary: [] })

const isKey = (message: string) => /^[a-zA-Z-]+(\.[a-zA-Z-]+)+$/.test(message)

function codeOf(issue: z.core.$ZodIssue): { code: string; values?: Record<string, unknown> } {
  if (isKey(issue.message)) return { code: issue.message }
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string') {
        return Number(issue.minimum) <= 1
          ? { code: 'errors.field.required' }
          : { code: 'errors.field.tooShort', values: { count: Number(issue.minimum) } }
      }
      return {
        code: issue.origin === 'array' ? 'errors.field.choose' : 'errors.field.tooSmall',
        values: { limit: issue.minimum },
      }
    case 'too_big':
      return issue.origin === 'string'
        ? { code: 'errors.field.tooLong', values: { count: Number(issue.maximum) } }
        : { code: 'errors.field.tooBig', values: { limit: issue.maximum } }
    case 'invalid_type':
      return { code: issue.input === undefined ? 'errors.field.required' : 'errors.field.invalid' }
    case 'invalid_format':
      return {
        code:
          issue.format === 'email'
            ? 'errors.field.email'
            : issue.format === 'url'
              ? 'errors.field.url'
              : 'errors.field.invalid',
      }
    default:
      return { code: 'errors.field.invalid' }
  }
}

/** Parses input by its schema; what is wrong comes as one InputError naming every field. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const parsed = schema.safeParse(input, { reportInput: true })
  if (parsed.success) return parsed.data
  const fields: FieldError[] = parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), ...codeOf(issue) }))
  throw new InputError(fields)
}

const secret = (name: string) => /password|_csrf/i.test(name)

const MOST_DEPTH = 4

/** A value that a template can print, whatever was sent: `name[toString]=x` must not break the page. */
function printable(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value
  if (depth >= MOST_DEPTH) return ''
  if (Array.isArray(value)) return value.map((item) => printable(item, depth + 1))
  const entries = Object.entries(value).filter(([name]) => !(name in Object.prototype))
  return Object.fromEntries(entries.map(([name, item]) => [name, printable(item, depth + 1)]))
}

/** What was typed, with nothing wrong; passwords are not repeated. */
export function formAsTyped(body: unknown): Form {
  const typed = Object.entries((printable(body) ?? {}) as Record<string, unknown>)
  return cleanForm(Object.fromEntries(typed.filter(([name]) => !secret(name))))
}

/**
 * A form to send once more over what someone else saved meanwhile. What was typed stays, the version is that of now, and
 * the page names every field that is another one by now (`NewerFields`).
 * @param newest the values that the form would show now, with the version
 */
export const formOverNewer = (form: Form, newest: Form['values']): Form => ({
  values: { ...form.values, version: newest.version },
  errors: {},
  summary: [],
  newest,
})

/** The same where fields cannot say what changed: `message` does. */
export const formOverNews = (form: Form, version: number | null, message: string): Form => ({
  values: { ...form.values, version },
  errors: {},
  summary: [{ field: '', message }],
})

/** The form to show again after an InputError. */
export function formWithErrors(error: InputError, body: unknown, t: Translate): Form {
  const { values } = formAsTyped(body)
  const all = error.fields.map(({ field, code, values: variables }) => ({ field, message: t(code, variables) }))
  // One reason for each field, as beside it; what concerns the form as a whole is all said.
  const summary = all.filter(({ field }, at) => !field || all.findIndex((other) => other.field === field) === at)
  const errors: Record<string, string> = {}
  for (const { field, message } of summary) errors[field] ??= message
  return { values, errors, summary, refusal: error }
}
