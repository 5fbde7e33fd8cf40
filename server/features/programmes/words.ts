import { fromJson } from '../../core/db/index.ts'
import type { Crumb } from '../../core/http/reply.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { readableHtml } from '../../core/rich-text.ts'
import { type Actor, hasAnywhere } from '../../core/rights/index.ts'
import { pick, type Translated } from '../../core/text.ts'
import type { Limits, ProgrammeState } from './rows.ts'
import type { StructureProblem } from './structure.ts'
import type { ImportProblem } from './transfer/import-file.ts'
import type { Usage } from './usage.ts'

// Sentences and labels that several pages of programmes share.

export const textsOf = (json: string | null): Translated => fromJson<Translated>(json, {})
/** A stored text in the reader's language. */
export const words = (json: string | null, lang: string): string => pick(textsOf(json), lang)

/** A stored rich text in the reader's language, ready to be printed. */
export const htmlOf = (t: Translate, json: string | null, lang: string): string =>
  readableHtml(words(json, lang), t('programmes.page.table'))

const STATE_KINDS = { draft: 'neutral', active: 'success', archived: 'warning' } as const

export const stateBadge = (t: Translate, state: ProgrammeState) => ({
  kind: STATE_KINDS[state],
  text: t(`programmes.state.${state}`),
})

/** Numbers of topics and hours as a rule in words; empty without limits. */
export function limitsInWords(t: Translate, limits: Limits): string {
  const { minTopics, maxTopics, minHours, maxHours } = limits
  return [range(t, 'topics', minTopics, maxTopics), range(t, 'hours', minHours, maxHours)].filter(Boolean).join(', ')
}

function range(t: Translate, what: 'topics' | 'hours', min: number | null, max: number | null): string {
  if (min !== null && max !== null) {
    return min === max
      ? t(`programmes.rule.${what}Exactly`, { count: max })
      : t(`programmes.rule.${what}Range`, { min, count: max })
  }
  if (min) return t(`programmes.rule.${what}AtLeast`, { count: min })
  return max === null ? '' : t(`programmes.rule.${what}AtMost`, { count: max })
}

/** Whom a change reaches, in one sentence; empty for a programme that nobody learns by. */
export function usageInWords(t: Translate, usage: Usage): string {
  if (!usage.cohorts) return ''
  const cohorts = t('programmes.count.cohorts', { count: usage.cohorts })
  return usage.learners
    ? t('programmes.usage.seen', { count: usage.learners, cohorts })
    : t('programmes.usage.planned', { cohorts })
}

/** "4 ч · семинар · 20 мест" */
export const joined = (...parts: (string | number | null | undefined | false)[]): string =>
  parts.filter(Boolean).join(' · ')

/** A contradiction in words; keys of parts are replaced by their titles where these are known. */
export function problemInWords(t: Translate, problem: StructureProblem | ImportProblem, titles?: Map<string, string>) {
  const params = Object.fromEntries(
    Object.entries(problem.params).map(([name, value]) => [name, titles?.get(String(value)) ?? value]),
  )
  return t(`programmes.problem.${problem.code}`, params)
}

type Place = {
  programmeId: number
  programmeTitle: string
  moduleId?: number
  moduleTitle?: string
  topicId?: number
  topicTitle?: string
}

/** The way to something below a tab of a programme's page. */
export const tabCrumbs = (
  { actor, t, lang }: { actor: Actor; t: Translate; lang: string },
  tab: 'milestones' | 'templates',
  place: { programmeId: number; programmeTitle: string },
): Crumb[] => {
  const path = tab === 'templates' ? 'route-templates' : tab
  const list = { href: `/programmes/${place.programmeId}/${path}`, label: t(`programmes.tabs.${tab}`) }
  return [...crumbs(actor, t, lang, place), list]
}

/** The way to a part of a programme. Learners do not see the programme as it is built, so theirs begins at home. */
export function crumbs(actor: Actor, t: Translate, lang: string, place?: Place): Crumb[] {
  const list: Crumb[] = []
  if (hasAnywhere(actor, 'programmes.view')) {
    list.push({ href: '/programmes', label: t('programmes.list.title') })
    if (place) list.push({ href: `/programmes/${place.programmeId}`, label: words(place.programmeTitle, lang) })
  } else {
    list.push({ href: '/', label: t('home.nav') })
  }
  if (place?.moduleId) list.push({ href: `/modules/${place.moduleId}`, label: words(place.moduleTitle ?? null, lang) })
  if (place?.topicId) list.push({ href: `/topics/${place.topicId}`, label: words(place.topicTitle ?? null, lang) })
  return list
}
