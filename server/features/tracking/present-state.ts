import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { pick, type Translated } from '../../core/text.ts'
import { kindOf, requiredOf } from './kinds.ts'
import { isLate, isMet } from './state.ts'

/** How one reader is told things: their language and the civil date from which "late" counts. */
export type Reader = { t: Translate; lang: string; format: Format; today: string }

/** What the look of a milestone depends on. */
export type Standing = {
  kind: string
  module_id: number | null
  required_count: number
  state: string
  countDone: number
  offered: number
  dueOn: string | null
}

export type Look = 'done' | 'waived' | 'submitted' | 'returned' | 'late' | 'partial' | 'open'

/** A sign, a word and a colour: the sign and the word alone say everything. */
const LOOKS: Record<Look, { sign: string; kind: string; icon: string }> = {
  done: { sign: '✓', kind: 'success', icon: 'circle-check' },
  waived: { sign: '○', kind: 'neutral', icon: 'circle-dashed' },
  submitted: { sign: '…', kind: 'info', icon: 'hourglass' },
  returned: { sign: '↩', kind: 'danger', icon: 'arrow-back-up' },
  late: { sign: '!', kind: 'danger', icon: 'alert-triangle' },
  partial: { sign: '◐', kind: 'info', icon: 'progress' },
  open: { sign: '–', kind: 'neutral', icon: 'circle' },
}
export const LOOK_ORDER = Object.keys(LOOKS) as Look[]

export function lookOf(standing: Standing, today: string): Look {
  const { state, offered, countDone, dueOn } = standing
  if (isMet(state)) return state as Look
  if (state === 'submitted' || state === 'returned') return state
  if (isLate(state, dueOn, today)) return 'late'
  return offered > 0 || countDone > 0 ? 'partial' : 'open'
}

/** A milestone's state as sign, word, colour and icon; counted ones say how many of how many. */
export function presentLook(reader: Reader, standing: Standing) {
  const { t, today } = reader
  const look = lookOf(standing, today)
  const counted = kindOf(standing).counted && !isMet(standing.state)
  const count = counted ? t('tracking.look.count', { done: standing.countDone, required: requiredOf(standing) }) : ''
  const waiting = standing.offered > 0 && look !== 'submitted' && !isMet(standing.state)
  return {
    look,
    ...LOOKS[look],
    word: t(`tracking.look.${look}`),
    count,
    /** Said besides the word: participations that wait while others are still missing. */
    waiting: waiting ? t('tracking.look.waiting', { count: standing.offered }) : '',
  }
}

/** The look as a badge of views/shared. */
export function presentBadge(reader: Reader, standing: Standing) {
  const { kind, icon, word, count } = presentLook(reader, standing)
  return { kind, icon, text: count ? `${word}: ${count}` : word }
}

/** Every sign with its word, for the legend. */
export const presentLegend = (t: Translate) =>
  LOOK_ORDER.map((look) => ({
    look,
    sign: LOOKS[look].sign,
    word: t(`tracking.look.${look}`),
    text: t(`tracking.legend.${look}`),
  }))

export const say = (reader: Reader, text: Translated): string => pick(text, reader.lang)

/** A due date as people say it, with the exact one beside; null without one. */
export const presentDue = ({ t, format, today }: Reader, dueOn: string | null) =>
  dueOn === null
    ? null
    : {
        iso: dueOn,
        text: t(dueOn < today ? 'tracking.due.was' : 'tracking.due.until', { date: format.dayOfYear(dueOn) }),
      }

/** Short names for the heads of columns: the kind, numbered where a programme has several of it. */
export function shortNames(
  t: Translate,
  milestones: readonly { id: number; kind: string; title: Translated }[],
  lang: string,
) {
  const counts = new Map<string, number>()
  for (const { kind } of milestones) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const seen = new Map<string, number>()
  return new Map(
    milestones.map((milestone) => {
      const { kind } = milestone
      const number = (seen.get(kind) ?? 0) + 1
      seen.set(kind, number)
      const name = kind === 'manual' ? shorten(pick(milestone.title, lang)) : t(`tracking.short.${kind}`)
      return [milestone.id, kind !== 'manual' && (counts.get(kind) ?? 0) > 1 ? `${name} ${number}` : name]
    }),
  )
}

const shorten = (text: string) => (text.length > 18 ? `${text.slice(0, 17).trimEnd()}…` : text)
