import type { Format } from '../../core/i18n/format.ts'
import { fullName } from '../../core/text.ts'
import type { Context } from './frame.ts'
import type { CohortHappening, PersonHappening } from './history-queries.ts'

const ICONS: Record<string, string> = {
  enrolled: 'user-plus',
  moved: 'transfer',
  cohort_changed: 'arrow-right',
  suspended: 'clock',
  resumed: 'player-play',
  withdrawn: 'user-x',
  completed: 'circle-check',
}

const when = (format: Format, at: string) => ({
  iso: at.slice(0, 10),
  text: format.human(at),
  exact: format.dateTime(at),
})

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const actorOf = (t: Context['t'], last: string | null, first: string | null) =>
  last ? `${last} ${first}` : t('cohorts.history.system')

/** What happened to people, as lines of a timeline. @param named whether each line begins with the person */
export const presentPeopleHistory = (
  { t, format }: Context,
  cohortId: number,
  rows: PersonHappening[],
  named: boolean,
  groupNames: ReadonlyMap<number, string> = new Map(),
) =>
  rows.map((row) => {
    const deed = t(`cohorts.history.person.${row.action}`)
    const from = groupNames.get(Number(row.data.fromGroupId))
    const to = groupNames.get(Number(row.data.toGroupId))
    const move = to ? t(from ? 'cohorts.history.fromTo' : 'cohorts.history.to', { from, to }) : ''
    const reason = row.reason ? t('cohorts.history.reason', { reason: row.reason }) : ''
    return {
      title: named ? t('cohorts.history.line', { name: fullName(row), deed }) : capitalised(deed),
      href: named ? `/cohorts/${cohortId}/people/${row.enrolment_id}` : undefined,
      text: [move, reason].filter(Boolean).join(' '),
      date: when(format, row.at),
      person: actorOf(t, row.actor_last_name, row.actor_first_name),
      icon: ICONS[row.action] ?? 'point',
    }
  })

/** What was done with the cohort and its groups, as lines of a timeline. */
export const presentCohortHistory = ({ t, format }: Context, rows: CohortHappening[]) =>
  rows.map((row) => {
    const state = row.type === 'cohortStateChanged' ? t(`cohorts.state.${row.data.after}`) : ''
    return {
      title: t(`cohorts.history.cohort.${row.type}`, { ...row.data, state, group: row.group_name ?? '' }),
      date: when(format, row.occurred_at),
      person: actorOf(t, row.last_name, row.first_name),
      icon: row.type.startsWith('instructor')
        ? 'school'
        : row.type.startsWith('group')
          ? 'users-group'
          : 'calendar-event',
    }
  })
