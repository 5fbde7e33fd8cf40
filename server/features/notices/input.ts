import { z } from 'zod'
import { checkbox, clockTime, id, list, optionalWhole, whole } from '../../core/http/fields.ts'
import { isPublicAddress } from '../../core/http/outbound.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { CHANNELS, type Channel } from '../../core/notices/index.ts'
import { noticeKinds } from '../../core/notices/kinds.ts'

export const noticeParams = z.object({ id: id() })
export const noticesQuery = z.object({ show: z.enum(['unread', 'all']).default('unread'), ...pagingQuery })
export type NoticesQuery = z.infer<typeof noticesQuery>

/** What came later than the page was read stays unread. */
export const readAllInput = z.object({ upTo: id() })
export const readInput = z.object({ back: z.enum(['unread', 'all']).default('all') })

const isChoice = (text: string) => {
  const [name, channel] = [text.slice(0, text.lastIndexOf(':')), text.slice(text.lastIndexOf(':') + 1)]
  return CHANNELS.some((one) => one === channel) && noticeKinds().some(([kind]) => kind === name)
}

const optionalClock = () =>
  z.preprocess((text) => (text === '' || text === undefined ? null : text), clockTime().nullable())

export const choicesInput = z
  .object({
    choices: list(z.string().max(100).refine(isChoice, 'errors.field.invalid')),
    letters: z.enum(['once', 'daily']),
    digestHour: optionalWhole(0, 23),
    quietFrom: optionalClock(),
    quietUntil: optionalClock(),
  })
  .refine((input) => input.letters === 'once' || input.digestHour !== null, {
    message: 'errors.field.required',
    path: ['digestHour'],
  })
  .refine((input) => input.quietFrom === null || input.quietUntil !== null, {
    message: 'notices.choices.quietBoth',
    path: ['quietUntil'],
  })
  .refine((input) => input.quietUntil === null || input.quietFrom !== null, {
    message: 'notices.choices.quietBoth',
    path: ['quietFrom'],
  })
  .refine((input) => input.quietFrom === null || input.quietFrom !== input.quietUntil, {
    message: 'notices.choices.quietSame',
    path: ['quietUntil'],
  })
export type ChoicesInput = z.infer<typeof choicesInput>

const base64url = (min: number, max: number) => z.string().regex(new RegExp(`^[\\w-]{${min},${max}}=*$`))
/** What a browser says of itself; its keys are a point of a curve and a secret, as RFC 8291 has them. */
export const browserInput = z.object({
  endpoint: z.string().max(1000).refine(isPublicAddress, 'errors.field.invalid'),
  keys: z.object({ p256dh: base64url(86, 88), auth: base64url(22, 24) }),
})

export const tokenParams = z.object({ token: z.string().regex(/^[0-9a-f]{48}$/) })
export const unsubscribeInput = z.object({ what: z.enum(['kind', 'all', 'everything']) })

/** What an administrator looks at; a letter on its way counts as waiting. */
export const LETTER_TABS = ['failed', 'waiting', 'sent'] as const
/** Channels by which notices leave the system. */
export const OUTWARD_CHANNELS = ['email', 'push', 'messenger'] as const satisfies readonly Channel[]
export const deliveriesQuery = z.object({
  channel: z.enum(OUTWARD_CHANNELS).default('email'),
  state: z.enum(LETTER_TABS).default('failed'),
  q: z.string().trim().max(200).optional(),
  ...pagingQuery,
})
export const textParams = z.object({ kind: z.string().regex(/^[a-z-]+\.[a-zA-Z]+$/) })
const patterns = (max: number) => z.record(z.string().max(8), z.string().max(max))
export const textInput = z.object({
  version: whole(0, 1_000_000),
  title: patterns(200),
  text: patterns(4000),
  preview: checkbox(),
})
export type TextInput = z.infer<typeof textInput>

export const retryInput = z.object({ state: z.enum(['failed', 'waiting']), channel: deliveriesQuery.shape.channel })
export type RetryInput = z.infer<typeof retryInput>
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>
