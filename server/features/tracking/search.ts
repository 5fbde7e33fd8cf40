import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { fileViewUrl } from '../../core/files/present.ts'
import { type Actor, hasEverywhere, reachOf } from '../../core/rights/index.ts'
import { type SearchKind, type Sight, subjects, wantedBy } from '../../core/search/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { fullName, type Translated } from '../../core/text.ts'
import { whereShown } from '../../core/visibility.ts'
import { presentEmployments, presentMemberships, reachableEnrolments } from '../progress/places.ts'
import { SEEING } from './milestone-queries.ts'
import { EVIDENCE_TO_EMPLOYERS } from './policy.ts'

/** Evidence (`me`) with its milestone (`m`), enrolment (`e`) and cohort (`c`). */
const evidence = () =>
  db()('milestone_evidence as me')
    .join('milestone_states as s', 's.id', 'me.milestone_state_id')
    .join('milestones as m', 'm.id', 's.milestone_id')
    .join('enrolments as e', 'e.id', 's.enrolment_id')
    .join('cohorts as c', 'c.id', 'e.cohort_id')

/** Whose evidence employers see: of those who work there today, once directors are let in. */
const employed = (organisations: number[], date: string) =>
  presentEmployments(date)
    .whereIn('emp.organisation_id', organisations)
    .join('enrolments as ee', 'ee.person_id', 'emp.person_id')
    .join('cohorts as ec', 'ec.id', 'ee.cohort_id')
    .modify(whereShown(EVIDENCE_TO_EMPLOYERS, 'ec.id'))
    .where((open) => void open.whereNull('ec.directors_from').orWhere('ec.directors_from', '<=', date))
    .select('ee.id')

/** Present members of groups of the milestone's own module: those on whose milestone an instructor decides. */
const inGroups = (narrow: (query: Knex.QueryBuilder) => void, date: string) =>
  presentMemberships(date)
    .whereRaw('gm.enrolment_id = e.id')
    .whereRaw('g.module_id = m.module_id')
    .modify(narrow)
    .select('gm.id')

/** The same as `mayReadEvidenceFile` says of one: the learner's own, who decides on it, employers and staff with the right. */
function sight(actor: Actor): Sight {
  const mayAll = hasEverywhere(actor, 'tracking.confirm') || hasEverywhere(actor, 'tracking.evidence')
  const seesAll = hasEverywhere(actor, 'tracking.view')
  if (mayAll && seesAll) return 'all'
  const date = authorityToday()
  const query = evidence().whereNotNull('me.file_id').select('me.file_id')
  if (!seesAll) void query.whereIn('e.id', reachableEnrolments(actor, SEEING, date).select('e.id'))
  return mayAll ? query : query.where((either) => decidedBy(either, actor, date))
}

/** Narrows evidence to what the actor may see of the learners whom they see. */
function decidedBy(either: Knex.QueryBuilder, actor: Actor, date: string): void {
  const confirm = reachOf(actor, 'tracking.confirm')
  const see = reachOf(actor, 'tracking.evidence')
  void either.where('e.person_id', actor.personId ?? 0)
  void either.orWhereIn('e.cohort_id', [...confirm.ids('cohort'), ...see.ids('cohort')])
  void either.orWhereIn('c.programme_id', [...confirm.ids('programme'), ...see.ids('programme')])
  const groups = confirm.ids('group')
  if (groups.length) void either.orWhereExists(inGroups((query) => void query.whereIn('g.id', groups), date))
  const modules = confirm.ids('module')
  if (modules.length) void either.orWhereExists(inGroups((query) => void query.whereIn('g.module_id', modules), date))
  const organisations = see.ids('organisation')
  if (organisations.length) void either.orWhereIn('e.id', employed(organisations, date))
}

const filesOf = (narrow: (query: Knex.QueryBuilder) => void): Promise<number[]> =>
  evidence().whereNotNull('me.file_id').modify(narrow).pluck('me.file_id')

/** The files of milestones of learners: the subject is the state of one, which may just have been made. */
const ofState = (events: readonly DomainEvent[]) =>
  filesOf((query) => void query.whereIn('me.milestone_state_id', subjects(events)))

const ofMilestone = (events: readonly DomainEvent[]) =>
  filesOf((query) => void query.whereIn('s.milestone_id', subjects(events)))

const ofPerson = (events: readonly DomainEvent[]) =>
  filesOf((query) => void query.whereIn('e.person_id', subjects(events)))

type Row = {
  id: number
  name: string
  title: string
  last_name: string
  first_name: string
  middle_name: string | null
}

/** Files that learners offered as evidence, by the names of the files. */
export const evidenceSearch: SearchKind = {
  name: 'evidenceFile',
  group: 'file',
  icon: 'paperclip',
  documents: async (wanted) => {
    const rows: Row[] = await evidence()
      .join('files as f', 'f.id', 'me.file_id')
      .join('people as p', 'p.id', 'e.person_id')
      .whereNot('me.state', 'withdrawn')
      .whereNull('m.archived_at')
      .whereNull('f.deleted_at')
      .modify(wantedBy(wanted, 'f.id'))
      .select('f.id', 'f.name', 'm.title', 'p.last_name', 'p.first_name', 'p.middle_name')
    return rows.map((row) => {
      const milestone = Object.entries(fromJson<Translated>(row.title, {}))
      const hint = milestone.map(([language, title]) => [language, `${fullName(row)} · ${title}`])
      return { id: row.id, title: { '': row.name }, hint: Object.fromEntries(hint) }
    })
  },
  sight,
  href: fileViewUrl,
  changes: {
    milestoneOffered: ofState,
    milestoneEvidenceWithdrawn: ofState,
    milestoneConfirmed: ofState,
    milestoneWaived: ofState,
    milestoneArchived: ofMilestone,
    milestoneRestored: ofMilestone,
    personChanged: ofPerson,
    profileChanged: ofPerson,
  },
}
