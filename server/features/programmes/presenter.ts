import { fromJson } from '../../core/db/index.ts'
import type { Form } from '../../core/http/forms.ts'
import { pagerLinks } from '../../core/http/paging.ts'
import type { Action } from '../../core/http/reply.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { type Actor, hasAnywhere, hasEverywhere } from '../../core/rights/index.ts'
import { type ListQuery, PROGRAMME_STATES } from './input.ts'
import { moduleEditing, programmeEditing } from './policy.ts'
import { APPROVAL_KINDS } from './programme-file.ts'
import type { listProgrammes } from './queries.ts'
import { type ModuleRow, moduleLimits, NO_RULES, type ProgrammeRow, type ProgrammeRules } from './rows.ts'
import { problemsOf, type Structure, type StructureProblem, type TreeModule, type TreeTopic } from './structure.ts'
import type { Usage } from './usage.ts'
import { htmlOf, joined, limitsInWords, problemInWords, stateBadge, textsOf, usageInWords, words } from './words.ts'

/** The list of programmes. */
export function presentList(
  actor: Actor,
  t: Translate,
  lang: string,
  filter: ListQuery,
  { result, total }: Awaited<ReturnType<typeof listProgrammes>>,
) {
  const { after: _after, before: _before, ...kept } = filter
  return {
    filter: kept,
    states: PROGRAMME_STATES.map((state) => ({ value: state, label: t(`programmes.state.${state}`) })),
    rows: result.rows.map((row) => ({
      href: `/programmes/${row.id}`,
      title: words(row.title, lang),
      state: stateBadge(t, row.state),
      modules: t('programmes.count.modules', { count: Number(row.modules) }),
      topics: t('programmes.count.topics', { count: Number(row.topics) }),
      hours: row.hours,
      cohorts: Number(row.cohorts),
      learners: Number(row.learners),
    })),
    total: total.capped
      ? t('ui.count.over', { count: total.count })
      : t('programmes.list.count', { count: total.count }),
    pager: pagerLinks('/programmes', kept, result),
    canCreate: hasEverywhere(actor, 'programmes.edit'),
  }
}

export const rulesOf = (row: ProgrammeRow): ProgrammeRules => ({
  ...NO_RULES,
  ...fromJson<Partial<ProgrammeRules>>(row.rules, {}),
})

/** The programme as it is built, with everything that its page prints. */
export function presentProgramme(
  actor: Actor,
  t: Translate,
  lang: string,
  structure: Structure,
  usage: Usage,
  taught: ReadonlyMap<number, number[]>,
  open: number | 'all' | undefined,
) {
  const { programme } = structure
  const canEdit = programmeEditing.can(actor, 'edit', { programmeId: programme.id })
  const problems = canEdit ? problemsOf(structure) : []
  const tree = treePresenter(actor, t, lang, structure, taught, open, canEdit)
  const hours = structure.modules.reduce((sum, module) => sum + module.hours, 0)
  return {
    id: programme.id,
    version: programme.version,
    canEdit,
    canCreate: hasEverywhere(actor, 'programmes.edit'),
    state: programme.state,
    badge: stateBadge(t, programme.state),
    descriptionHtml: htmlOf(t, programme.description, lang),
    facts: factsOf(actor, t, programme, usage, hours),
    usage: canEdit ? usageInWords(t, usage) : '',
    problems: problems.map((problem) => presentProblem(t, lang, structure, problem)),
    canOpen: canEdit && programme.state === 'draft' && structure.modules.some((module) => module.topics.length > 0),
    isEmpty: !structure.modules.length,
    stages: tree,
    hasStages: structure.stages.length > 0,
    allOpen: open === 'all',
    archived: canEdit ? presentArchived(lang, structure) : [],
  }
}

function factsOf(actor: Actor, t: Translate, programme: ProgrammeRow, usage: Usage, moduleHours: number) {
  const rules = rulesOf(programme)
  const { ownItemsMaxHours: own } = rules
  return [
    { label: t('programmes.form.hours'), value: t('programmes.page.hours', { hours: programme.hours, moduleHours }) },
    { label: t('programmes.page.routeRule'), value: limitsInWords(t, rules) || t('programmes.rule.free') },
    {
      label: t('programmes.page.ownItems'),
      value: own === null ? t('programmes.rule.ownItemsFree') : t('programmes.rule.hoursAtMost', { count: own }),
    },
    { label: t('programmes.form.approval'), value: t(`programmes.approval.${rules.approval}`) },
    {
      label: t('programmes.page.now'),
      value: usage.cohorts
        ? {
            text: joined(
              t('programmes.count.cohorts', { count: usage.cohorts }),
              t('programmes.count.learners', { count: usage.learners }),
            ),
            ...(hasAnywhere(actor, 'cohorts.view') && { href: `/cohorts?programme=${programme.id}` }),
          }
        : t('programmes.page.nobody'),
    },
  ]
}

/** Titles of parts by the keys that the checks use. */
function titlesOf(lang: string, structure: Structure): Map<string, string> {
  return new Map(
    structure.modules.flatMap((module) => [
      [`m${module.id}`, words(module.title, lang)] as const,
      ...module.topics.map((topic) => [`t${topic.id}`, words(topic.title, lang)] as const),
    ]),
  )
}

function presentProblem(t: Translate, lang: string, structure: Structure, problem: StructureProblem) {
  const text = problemInWords(t, problem, titlesOf(lang, structure))
  const { module, topic, template } = problem
  if (topic) return { text, href: `/topics/${topic.id}/edit`, place: words(topic.title, lang) }
  if (module) return { text, href: `/modules/${module.id}/edit`, place: words(module.title, lang) }
  if (template) return { text, href: `/route-templates/${template.id}/edit`, place: words(template.title, lang) }
  return { text, href: `/programmes/${structure.programme.id}/edit`, place: t('programmes.page.wholeProgramme') }
}

function treePresenter(
  actor: Actor,
  t: Translate,
  lang: string,
  structure: Structure,
  taught: ReadonlyMap<number, number[]>,
  open: number | 'all' | undefined,
  canEdit: boolean,
) {
  const { programme, stages, modules } = structure
  const titles = new Map(
    modules.flatMap((module) => module.topics.map((topic) => [topic.id, words(topic.title, lang)])),
  )
  const present = (module: TreeModule, index: number, list: TreeModule[]) => ({
    id: module.id,
    number: modules.indexOf(module) + 1,
    title: words(module.title, lang),
    href: `/modules/${module.id}`,
    meta: joined(
      t('programmes.count.hours', { count: module.hours }),
      limitsInWords(t, moduleLimits(module as unknown as ModuleRow)),
      module.materials > 0 && t('programmes.count.materials', { count: module.materials }),
    ),
    topicsLabel: t('programmes.count.topics', { count: module.topics.length }),
    open: open === 'all' || open === module.id,
    canEdit: moduleEditing.can(actor, 'edit', {
      programmeId: programme.id,
      moduleId: module.id,
      groups: taught.get(module.id) ?? [],
    }),
    canMove: canEdit,
    first: index === 0,
    last: index === list.length - 1,
    topics: module.topics.map((topic, at) => presentTopic(t, lang, topic, titles, at, module.topics.length)),
  })
  const group = (stageId: number | null) => modules.filter((module) => module.stage_id === stageId).map(present)
  const named = stages.map((stage, at) => ({
    id: stage.id as number | null,
    title: words(stage.title, lang),
    first: at === 0,
    last: at === stages.length - 1,
    modules: group(stage.id),
  }))
  const loose = group(null)
  // With stages the place for modules without one is shown only while there are such modules.
  if (loose.length || !stages.length) named.push({ id: null, title: '', first: true, last: true, modules: loose })
  return named
}

function presentTopic(
  t: Translate,
  lang: string,
  topic: TreeTopic,
  titles: Map<number, string>,
  at: number,
  total: number,
) {
  const after = topic.requires.map((id) => titles.get(id)).filter(Boolean)
  return {
    id: topic.id,
    title: words(topic.title, lang),
    href: `/topics/${topic.id}`,
    compulsory: topic.is_compulsory === 1,
    meta: joined(
      t(`programmes.format.${topic.format}`),
      t('programmes.count.hours', { count: topic.hours }),
      topic.capacity !== null && t('programmes.count.places', { count: topic.capacity }),
      topic.materials > 0 && t('programmes.count.materials', { count: topic.materials }),
    ),
    after: after.length ? t('programmes.topic.after', { topics: after.join(', ') }) : '',
    first: at === 0,
    last: at === total - 1,
  }
}

function presentArchived(lang: string, { archivedModules, archivedTopics, modules }: Structure) {
  const shown = new Map(modules.map((module) => [module.id, words(module.title, lang)]))
  return [
    ...archivedModules.map((row) => ({
      title: words(row.title, lang),
      hint: '',
      href: `/modules/${row.id}`,
      restoreHref: `/modules/${row.id}/restore`,
      version: row.version,
    })),
    ...archivedTopics
      .filter((row) => shown.has(row.module_id))
      .map((row) => ({
        title: words(row.title, lang),
        hint: shown.get(row.module_id) ?? '',
        href: `/topics/${row.id}`,
        restoreHref: `/topics/${row.id}/restore`,
        version: row.version,
      })),
  ]
}

/** Faces of a programme: how it is built, its milestones, its recommended routes. */
export const programmeTabs = (t: Translate, id: number, active: 'structure' | 'milestones' | 'templates') => ({
  label: t('programmes.tabs.label'),
  items: [
    { href: `/programmes/${id}`, label: t('programmes.tabs.structure'), active: active === 'structure' },
    { href: `/programmes/${id}/milestones`, label: t('programmes.tabs.milestones'), active: active === 'milestones' },
    {
      href: `/programmes/${id}/route-templates`,
      label: t('programmes.tabs.templates'),
      active: active === 'templates',
    },
  ],
})

/** Actions in the head of the programme's page; one of them is primary. */
export const programmeActions = (t: Translate, id: number): Action[] => [
  { href: `/programmes/${id}/edit`, label: t('programmes.page.edit'), icon: 'pencil' },
  { href: `/programmes/${id}/modules/new`, label: t('programmes.page.addModule'), icon: 'plus', kind: 'primary' },
]

/** What the form shows of a stored programme. */
export const formValues = (row: ProgrammeRow): Form['values'] => ({
  title: textsOf(row.title),
  description: textsOf(row.description),
  hours: row.hours,
  ...rulesOf(row),
  version: row.version,
})

export const presentForm = (t: Translate, form: Form, usage: Usage, id?: number) => ({
  form,
  id,
  isNew: !id,
  action: id ? `/programmes/${id}` : '/programmes',
  cancelHref: id ? `/programmes/${id}` : '/programmes',
  approvals: APPROVAL_KINDS.map((kind) => ({
    value: kind,
    label: t(`programmes.approval.${kind}`),
    hint: t(`programmes.approval.${kind}Hint`),
  })),
  usage: usageInWords(t, usage),
})
