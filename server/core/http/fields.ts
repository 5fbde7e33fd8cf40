import { z } from 'zod'
import { isCivilDate } from '../time.ts'

/** Schemas of the usual form fields. Forms send text; an empty optional field means null. */

const emptyToNull = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? null : value)

/** A line of text that must be there. Control characters are dropped. */
export const line = (max = 200) =>
  z
    .string()
    .transform((text) => text.replace(/\p{Cc}/gu, ' ').trim())
    .pipe(z.string().min(1).max(max))

/** A line of text that may be missing: null. */
export const optionalLine = (max = 200) =>
  z.preprocess(emptyToNull, line(max).nullish()).transform((text) => text ?? null)

/** Text of several lines that may be missing: null. */
export const optionalText = (max = 4000) =>
  z
    .preprocess(emptyToNull, z.string().trim().max(max).nullish())
    .transform((text) => text?.replace(/\r\n?/g, '\n') ?? null)

export const email = () => z.string().trim().max(254).pipe(z.email())
export const optionalEmail = () => z.preprocess(emptyToNull, email().nullish()).transform((text) => text ?? null)

/** An address of a page, `https://…`, that may be missing: null. Other schemes (`javascript:`) are no addresses. */
export const optionalWebAddress = (max = 500) =>
  z
    .preprocess(
      emptyToNull,
      z
        .string()
        .trim()
        .max(max)
        .pipe(z.url({ protocol: /^https?$/ }))
        .nullish(),
    )
    .transform((text) => text ?? null)

/** A civil date `YYYY-MM-DD`. */
export const civilDate = () => z.string().trim().refine(isCivilDate, 'errors.field.date')
export const optionalCivilDate = () =>
  z.preprocess(emptyToNull, civilDate().nullish()).transform((text) => text ?? null)

/** A time of day `HH:MM`. */
export const clockTime = () =>
  z
    .string()
    .trim()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'errors.field.time')

export const whole = (min = 0, max = 1_000_000) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value),
    z.number().int().min(min).max(max),
  )
export const optionalWhole = (min = 0, max = 1_000_000) =>
  z.preprocess(emptyToNull, whole(min, max).nullish()).transform((value) => value ?? null)

/** An id in a form or an address. */
export const id = () => whole(1, 4_294_967_295)
export const optionalId = () => optionalWhole(1, 4_294_967_295)

/** A box that is sent only when it is ticked. */
export const checkbox = () =>
  z.preprocess((value) => value === 'on' || value === '1' || value === 'true' || value === true, z.boolean())

/** A field that may be sent once or several times. */
export const list = <S extends z.ZodType>(item: S, max = 1000) =>
  z.preprocess((value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]), z.array(item).max(max))

/** A text in several languages from fields `name[ru]`, `name[en]`; at least one must be there. */
export const translated = (max = 300) =>
  z
    .record(z.string().max(8), z.string().max(max))
    .transform((texts) =>
      Object.fromEntries(
        Object.entries(texts)
          .map(([code, text]) => [code, text.trim()])
          .filter(([, text]) => text),
      ),
    )
    .refine((texts) => Object.keys(texts).length > 0, 'errors.field.required')

/** The same, but it may be missing altogether. */
export const optionalTranslated = (max = 20_000) =>
  z
    .record(z.string().max(8), z.string().max(max))
    .optional()
    .transform((texts) =>
      Object.fromEntries(
        Object.entries(texts ?? {})
          .map(([code, text]) => [code, text.trim()])
          .filter(([, text]) => text),
      ),
    )

/** The version of the object that the person saw: the optimistic lock of an edit form. */
export const versionField = () => whole(1, 2_000_000_000)
