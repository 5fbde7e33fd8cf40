import { InputError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { fold, fullName } from '../../../core/text.ts'
import { listMeant, type PickedPerson, suggestPeople } from './lookups.ts'
import { type Matched, MOST_LINES, markedId, matchPasted, parsePasted } from './pasted-list.ts'

/** How the picker writes a chosen person into a form: a name with the id behind it. */
export const markOf = (person: Parameters<typeof fullName>[0] & { id: number }): string =>
  `${fullName(person)} #${person.id}`

/** What tells a person from their namesakes. */
export const detailOf = ({ position, organisation }: Pick<PickedPerson, 'position' | 'organisation'>): string =>
  [position, organisation].filter(Boolean).join(', ')

/** Who is meant by each line of a list: names, e-mail addresses, and people chosen before. */
export async function matchListed(
  actor: Actor,
  text: string,
): Promise<{ matched: Matched<PickedPerson>; people: PickedPerson[]; cutOff: number }> {
  const all = parsePasted(text)
  const lines = all.slice(0, MOST_LINES)
  const people = await listMeant(actor, {
    ids: lines.flatMap(({ id }) => id ?? []),
    emails: lines.flatMap(({ email }) => email ?? []),
    names: lines.flatMap(({ name }) => name ?? []),
  })
  return { matched: matchPasted(lines, people), people, cutOff: all.length - lines.length }
}

/** One person, as the picker wrote them or by a name, an e-mail or a login that only one has; undefined: none or several. */
async function candidates(actor: Actor, text: string): Promise<PickedPerson[]> {
  const id = markedId(text)
  if (id !== undefined) return listMeant(actor, { ids: [id], emails: [], names: [] })
  const found = await suggestPeople(actor, text)
  const exact = found.filter(
    (person) => person.sort_name === fold(text) || (person.email && fold(person.email) === fold(text)),
  )
  return exact.length ? exact : found
}

/**
 * The person whom a picker's field names, among those whom the actor sees.
 * @throws InputError beside the field: nobody, or several, with what tells them apart
 */
export async function resolvePerson(actor: Actor, text: string, field: string): Promise<PickedPerson> {
  const found = await candidates(actor, text)
  const [one] = found
  if (!one) throw InputError.of(field, 'people-picker.nobody')
  if (found.length > 1) throw InputError.of(field, 'people-picker.several', { people: namesakes(found) })
  return one
}

const namesakes = (people: readonly PickedPerson[]) =>
  people
    .slice(0, 5)
    .map((person) => [markOf(person), detailOf(person)].filter(Boolean).join(', '))
    .join('; ')

/**
 * The people whom a picker of several names, a line each.
 * @throws InputError beside the field that names every line which leads to nobody or to several
 */
export async function resolvePeople(actor: Actor, text: string, field: string): Promise<PickedPerson[]> {
  const { matched, cutOff } = await matchListed(actor, text)
  const wrong = [
    ...matched.notFound.map((line) => ({ code: 'people-picker.lineNobody', values: { line: line.text } })),
    ...matched.ambiguous.map(({ line, people }) => ({
      code: 'people-picker.lineSeveral',
      values: { line: line.text, people: namesakes(people) },
    })),
    ...(cutOff ? [{ code: 'people-picker.tooMany', values: { limit: MOST_LINES } }] : []),
  ]
  if (wrong.length) throw new InputError(wrong.slice(0, 20).map((problem) => ({ field, ...problem })))
  if (!matched.found.length) throw InputError.of(field, 'errors.field.required')
  return matched.found.map(({ person }) => person)
}
