import { fileUrl } from '../../core/files/index.ts'
import type { Form } from '../../core/http/forms.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { fullName, pick } from '../../core/text.ts'
import { type Context, cohortTabs } from './frame.ts'
import type { GroupRow, InstructorRow, listModules, MemberRow } from './group-queries.ts'
import { cohortPolicy, groupPolicy } from './policy.ts'
import type { CohortCard } from './queries.ts'

const membersText = ({ t }: Context, group: GroupRow) =>
  group.capacity === null
    ? t('cohorts.groups.members', { count: group.members })
    : t('cohorts.groups.membersOf', { members: group.members, capacity: group.capacity })

/** The groups of a cohort, module by module. */
export function presentGroups(
  context: Context,
  cohort: CohortCard,
  groups: GroupRow[],
  instructors: InstructorRow[],
  modules: Awaited<ReturnType<typeof listModules>>,
  form: Form,
) {
  const { actor, t, lang } = context
  const canEdit = cohortPolicy.can(actor, 'edit', cohort)
  const moduleIds = [...new Set(groups.map((group) => group.module_id))]
  // Editors also see the modules that still lack a group.
  const shown = canEdit
    ? [...modules.map(({ id }) => id), ...moduleIds.filter((id) => !modules.some((m) => m.id === id))]
    : moduleIds
  const titles = new Map([
    ...groups.map((group) => [group.module_id, group.moduleTitle] as const),
    ...modules.map((module) => [module.id, module.title] as const),
  ])
  return {
    tabs: cohortTabs(context, cohort, 'groups'),
    modules: shown.map((id) => ({
      id,
      title: pick(titles.get(id) ?? {}, lang),
      groups: groups
        .filter((group) => group.module_id === id)
        .map((group) => ({
          href: `/cohorts/${cohort.id}/groups/${group.id}`,
          name: group.name,
          members: membersText(context, group),
          isClosed: group.archived_at !== null,
          instructors: namesOf(instructors.filter((row) => row.group_id === group.id)),
        })),
    })),
    canEdit,
    form,
    action: `/cohorts/${cohort.id}/groups`,
    moduleOptions: modules.map((module) => ({ value: String(module.id), label: pick(module.title, lang) })),
    emptyText: t(canEdit ? 'cohorts.groups.emptyEditor' : 'cohorts.groups.empty'),
  }
}

const namesOf = (rows: InstructorRow[]) => [...new Map(rows.map((row) => [row.person_id, fullName(row)])).values()]

/** One group: its places, instructors and members. */
export function presentGroup(
  context: Context,
  cohort: CohortCard,
  group: GroupRow,
  instructors: InstructorRow[],
  members: MemberRow[],
  form: Form,
) {
  const { actor, t, format } = context
  const base = `/cohorts/${cohort.id}/groups/${group.id}`
  const teaching = new Set(instructors.map((row) => row.person_id))
  return {
    base,
    form,
    version: group.version,
    members: membersText(context, group),
    isClosed: group.archived_at !== null,
    isEmpty: group.members === 0,
    instructors: [...teaching].map((personId) => {
      const rows = instructors.filter((row) => row.person_id === personId)
      const name = fullName(rows[0] as InstructorRow)
      // What an administrator granted by hand is taken away where rights are kept.
      const isOurs = rows.some((row) => row.source === 'teaching')
      const removeConfirm = t('cohorts.instructors.removeConfirm', { name })
      // Colleagues see one another's names here, a photo only where they may see the person.
      const seesPhoto = personId === actor.personId || hasEverywhere(actor, 'people.view')
      const photoUrl = seesPhoto ? fileUrl((rows[0] as InstructorRow).photo_file_id) : null
      return { personId, name, photoUrl, canRemove: isOurs, removeConfirm }
    }),
    rows: members.map((row) => ({
      href: `/cohorts/${cohort.id}/people/${row.enrolment_id}`,
      name: fullName(row),
      since: format.date(row.starts_on),
      isSuspended: row.state === 'suspended',
    })),
    moveHref: `/cohorts/${cohort.id}/people?group=${group.id}`,
    canEdit: groupPolicy.can(actor, 'edit', group),
  }
}
