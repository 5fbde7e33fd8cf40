import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'

type Subject = { type: string; id: number }
/** Where an object of the trail has its name, and its page. Three columns of names, so that all fit into one query. */
type Source = { names: (ids: number[]) => Knex.QueryBuilder; href?: (id: number) => string }

const named = (type: string, table: string, column: string) => (ids: number[]) =>
  db()(table)
    .whereIn('id', ids)
    .select(db().raw('? as type', [type]), 'id', { a: column }, db().raw('null as b'), db().raw('null as c'))

const withPeople = (type: string, table: string) => (ids: number[]) =>
  db()({ x: table })
    .join('people as p', 'p.id', 'x.person_id')
    .whereIn('x.id', ids)
    .select(db().raw('? as type', [type]), 'x.id', { a: 'p.last_name', b: 'p.first_name', c: 'p.middle_name' })

const SOURCES: Record<string, Source> = {
  person: {
    names: (ids) =>
      db()('people')
        .whereIn('id', ids)
        .select(db().raw("'person' as type"), 'id', { a: 'last_name', b: 'first_name', c: 'middle_name' }),
    href: (id) => `/people/${id}`,
  },
  enrolment: { names: withPeople('enrolment', 'enrolments'), href: (id) => `/tracking/enrolments/${id}` },
  milestoneState: {
    names: (ids) =>
      db()('milestone_states as s')
        .join('enrolments as e', 'e.id', 's.enrolment_id')
        .join('people as p', 'p.id', 'e.person_id')
        .whereIn('s.id', ids)
        .select(db().raw("'milestoneState' as type"), 's.id')
        .select({ a: 'p.last_name', b: 'p.first_name', c: 'p.middle_name' }),
  },
  organisation: { names: named('organisation', 'organisations', 'short_name'), href: (id) => `/organisations/${id}` },
  programme: { names: named('programme', 'programmes', 'title'), href: (id) => `/programmes/${id}` },
  module: { names: named('module', 'modules', 'title'), href: (id) => `/modules/${id}` },
  topic: { names: named('topic', 'topics', 'title'), href: (id) => `/topics/${id}` },
  material: { names: named('material', 'materials', 'title'), href: (id) => `/materials/${id}` },
  milestone: { names: named('milestone', 'milestones', 'title') },
  routeTemplate: { names: named('routeTemplate', 'route_templates', 'title') },
  cohort: { names: named('cohort', 'cohorts', 'title'), href: (id) => `/cohorts/${id}` },
  group: { names: named('group', 'groups', 'name'), href: (id) => `/journals/${id}` },
  role: { names: named('role', 'roles', 'name'), href: (id) => `/rights/roles/${id}` },
  position: { names: named('position', 'positions', 'name') },
  personField: { names: named('personField', 'person_fields', 'title'), href: (id) => `/person-fields/${id}` },
  personCategory: { names: named('personCategory', 'person_categories', 'name') },
  purpose: { names: named('purpose', 'processing_purposes', 'title'), href: (id) => `/purposes/${id}` },
  department: { names: named('department', 'departments', 'name') },
  savedFilter: { names: named('savedFilter', 'saved_filters', 'name') },
}

/** Names are plain or, of content, in several languages. */
function nameOf(row: { a: string; b: string | null; c: string | null }, lang: string): string {
  if (row.b !== null) return fullName({ lastName: row.a, firstName: row.b, middleName: row.c })
  return row.a.startsWith('{') ? pick(fromJson<Translated>(row.a, {}), lang) : row.a
}

/** The present names and pages of objects that the trail speaks of, by `type:id`, in one query. */
export async function namesOf(
  subjects: readonly Subject[],
  lang: string,
): Promise<Map<string, { name: string; href: string | null }>> {
  const ids = new Map<string, Set<number>>()
  for (const { type, id } of subjects) {
    if (SOURCES[type]) ids.set(type, (ids.get(type) ?? new Set()).add(Number(id)))
  }
  const [first, ...rest] = [...ids].map(([type, wanted]) => (SOURCES[type] as Source).names([...wanted]))
  if (!first) return new Map()
  const rows = await first.unionAll(rest)
  return new Map(
    rows.map((row: { type: string; id: number; a: string; b: string | null; c: string | null }) => [
      `${row.type}:${row.id}`,
      { name: nameOf(row, lang), href: SOURCES[row.type]?.href?.(row.id) ?? null },
    ]),
  )
}
