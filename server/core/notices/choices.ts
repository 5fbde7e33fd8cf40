import { DateTime } from 'luxon'
import { fromJson, toJson } from '../db/index.ts'
import { toUtc } from '../time.ts'
import { type Channel, type NoticeKind, noticeKinds } from './kinds.ts'

/** How a person wants to be told. What they have not chosen is as the kind declares it. */
export type Choices = {
  /** `kind:channel` */
  off: string[]
  on: string[]
  /** The hour at which one letter tells of the whole day; null: every letter at once. */
  digestHour: number | null
  /** From and until `HH:MM`; in these hours nothing leaves the system. */
  quiet: { from: string; until: string } | null
}

type Stored = { notices?: Partial<Choices>; muted?: string[] }

/** The choices in a person's preferences. Earlier ones named whole features whose letters were not wanted. */
export function readChoices(preferences: string | null): Choices {
  const { notices, muted = [] } = fromJson<Stored>(preferences, {})
  const mutedKinds = noticeKinds().filter(([name]) => muted.some((feature) => name.startsWith(`${feature}.`)))
  const off = notices?.off ?? mutedKinds.map(([name]) => `${name}:email`)
  return { off, on: notices?.on ?? [], digestHour: notices?.digestHour ?? null, quiet: notices?.quiet ?? null }
}

/** The preferences with these choices in place of the former. */
export function writeChoices(preferences: string | null, choices: Choices): string {
  const { muted: _former, ...rest } = fromJson<Stored>(preferences, {})
  return toJson({ ...rest, notices: choices })
}

/** Whether a kind comes by a channel unless the person chooses otherwise. Whoever lets a browser be told has asked for it. */
const isUsual = (kind: NoticeKind, channel: Channel): boolean =>
  kind.channels.includes(channel === 'email' ? 'email' : 'app')

/** Whether the person wants this kind by this channel. */
export function wants(choices: Choices, name: string, kind: NoticeKind, channel: Channel): boolean {
  const key = `${name}:${channel}`
  return choices.on.includes(key) || (isUsual(kind, channel) && !choices.off.includes(key))
}

/** Choices in which a kind comes by a channel, or does not. */
export function withChoice(
  choices: Choices,
  name: string,
  kind: NoticeKind,
  channel: Channel,
  wanted: boolean,
): Choices {
  const key = `${name}:${channel}`
  const without = (keys: string[]) => keys.filter((other) => other !== key)
  const isByItself = isUsual(kind, channel)
  return {
    ...choices,
    on: [...without(choices.on), ...(wanted && !isByItself ? [key] : [])],
    off: [...without(choices.off), ...(!wanted && isByItself ? [key] : [])],
  }
}

const at = (day: DateTime, clock: string): DateTime => {
  const [hour, minute] = clock.split(':').map(Number) as [number, number]
  return day.set({ hour, minute, second: 0, millisecond: 0 })
}

/** When the quiet hours that hold at this moment end; undefined if none hold. They may span midnight. */
function endOfQuiet(quiet: NonNullable<Choices['quiet']>, now: DateTime): DateTime | undefined {
  for (const day of [now.minus({ days: 1 }), now]) {
    const from = at(day, quiet.from)
    const until = at(quiet.until <= quiet.from ? day.plus({ days: 1 }) : day, quiet.until)
    if (from <= now && now < until) return until
  }
  return undefined
}

/** Until when nothing may leave for this person now; undefined outside their quiet hours. */
export function quietUntil(choices: Choices, zone: string, moment = new Date()): string | undefined {
  if (!choices.quiet) return undefined
  const until = endOfQuiet(choices.quiet, DateTime.fromJSDate(moment).setZone(zone))
  return until && toUtc(until.toJSDate())
}

/**
 * When a notice may leave by a channel: at once, when the quiet hours of the person's zone end, or with the letter of the
 * day.
 */
export function dueAt(
  choices: Choices,
  zone: string,
  channel: Channel,
  moment = new Date(),
): { at: string; isDigest: boolean } {
  if (channel === 'email' && choices.digestHour !== null) {
    const now = DateTime.fromJSDate(moment).setZone(zone)
    const today = now.set({ hour: choices.digestHour, minute: 0, second: 0, millisecond: 0 })
    const next = today > now ? today : today.plus({ days: 1 })
    return { at: toUtc(next.toJSDate()), isDigest: true }
  }
  return { at: quietUntil(choices, zone, moment) ?? toUtc(moment), isDigest: false }
}
