import type { Knex } from 'knex'
import { chunks, db } from '../../../core/db/index.ts'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import { beginningWith, fold } from '../../../core/text.ts'
import { beginning } from '../begin.ts'
import { withContacts } from '../contacts.ts'
import { named } from '../named.ts'
import { type Narrow, visiblePeople, withWork } from '../queries.ts'
import type { NamePattern } from './pasted-list.ts'

/** A person to be chosen, with what tells namesakes apart. */
export type PickedPerson = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  email: string | null
  photo_file_id: number | null
  organisation: string | null
  position: string | null
}

const active = (actor: Actor) => visiblePeople(actor).where('p.state', 'active')

/** These people with their places of work, by name. */
const withDetails = (ids: readonly number[]): Promise<PickedPerson[]> =>
  db()('people as p')
    .modify(withWork)
    .whereIn('p.id', [...ids])
    .orderBy(['p.sort_name', 'p.id'])

const MOST_SUGGESTED = 10
/** Of a common first name this many are looked at; who means one of the others types more. */
const MOST_OF_A_WORD = 400

/** People one of whose words begins so. Whoever sees everybody gets some of very many at once. */
function byWords(actor: Actor, text: string): Knex.QueryBuilder {
  const isOneWord = !/[\s.,-]/.test(text)
  if (!isOneWord || !hasEverywhere(actor, 'people.view')) return active(actor).modify((query) => named(query, text))
  const some = db()('person_words')
    .whereBetween('word', beginningWith(text))
    .orderBy(['word', 'person_id'])
    .limit(MOST_OF_A_WORD)
    .select('person_id')
  return active(actor).whereIn('p.id', db().from(some.as('some')).select('some.person_id'))
}

/** People whose login begins so, by login. */
const byLogin = (actor: Actor, text: string) =>
  active(actor)
    .modify(withContacts(actor))
    .join('accounts as login', 'login.person_id', 'p.id')
    .whereBetween('login.login_folded', beginningWith(text))
    .orderBy('login.login_folded')

/** People whose e-mail begins so, by e-mail: sorted otherwise, all of them would have to be read. */
const byEmail = (actor: Actor, text: string) =>
  active(actor)
    .modify(withContacts(actor))
    .whereBetween('p.email_folded', beginningWith(text))
    .orderBy('p.email_folded')

const byName = (query: Knex.QueryBuilder) => query.orderBy(['p.sort_name', 'p.id'])

/**
 * At most ten people by the beginning of the surname, then of any word of the name, then of e-mail or login. Each step
 * runs along an index, and a later one only if the earlier ones have found too few.
 * @param narrow e.g. a saved filter; with it nobody is passed over, however common the name
 */
export async function suggestPeople(actor: Actor, typed: string, narrow?: Narrow): Promise<PickedPerson[]> {
  const text = fold(typed)
  const steps = text
    ? [
        () => byName(active(actor).whereBetween('p.sort_name', beginningWith(text))),
        ...(text.includes('@')
          ? []
          : [() => byName(narrow ? active(actor).modify((query) => named(query, text)) : byWords(actor, text))]),
        () => byEmail(actor, text),
        () => byLogin(actor, text),
      ]
    : narrow
      ? [() => byName(active(actor))]
      : []
  const begin = steps.length ? await beginning(actor) : () => {}
  const ids = new Set<number>()
  for (const step of steps) {
    if (ids.size >= MOST_SUGGESTED) break
    const query = step().modify(begin).limit(MOST_SUGGESTED)
    if (narrow) void query.modify(narrow)
    for (const id of (await query.pluck('p.id')) as number[]) if (ids.size < MOST_SUGGESTED) ids.add(id)
  }
  const found = new Map((await withDetails([...ids])).map((person) => [person.id, person]))
  return [...ids].flatMap((id) => found.get(id) ?? [])
}

/** Everyone who may be meant by these marks, addresses and names; few statements, however many lines. */
export async function listMeant(
  actor: Actor,
  { ids, emails, names }: { ids: readonly number[]; emails: readonly string[]; names: readonly NamePattern[] },
): Promise<PickedPerson[]> {
  const found = new Map<number, PickedPerson>()
  const collect = async (query: Knex.QueryBuilder) => {
    for (const row of (await query.modify(withWork)) as PickedPerson[]) found.set(row.id, row)
  }
  for (const some of chunks(ids)) await collect(active(actor).whereIn('p.id', some))
  for (const some of chunks(emails))
    await collect(active(actor).modify(withContacts(actor)).whereIn('p.email_folded', some))
  const whole = [...new Set(names.flatMap((name) => (name.isWhole ? [name.exact] : [])))]
  for (const some of chunks(whole)) await collect(active(actor).whereIn('p.sort_name', some))
  const partial = new Map(names.flatMap((name) => (name.isWhole ? [] : [[name.like, name] as const])))
  for (const some of chunks([...partial.values()], 100)) {
    await collect(
      active(actor)
        .where((either) => {
          for (const name of some)
            void either.orWhere(
              (one) =>
                void one
                  // The range is looked up in the index, the pattern compared with the few that lie in it.
                  .whereBetween('p.sort_name', beginningWith(`${name.words[0]} `))
                  .where('p.sort_name', 'like', name.like),
            )
        })
        .limit(5000),
    )
  }
  return [...found.values()]
}

/** The active people whom the actor sees and who match, at most `most`. */
export async function listNarrowed(actor: Actor, narrow: Narrow, most: number): Promise<PickedPerson[]> {
  const ids: number[] = await active(actor).modify(narrow).orderBy(['p.sort_name', 'p.id']).limit(most).pluck('p.id')
  return withDetails(ids)
}
