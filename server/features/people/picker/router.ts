import { z } from 'zod'
import { id } from '../../../core/http/fields.ts'
import { json } from '../../../core/http/reply.ts'
import { may, type Routes } from '../../../core/http/route.ts'
import { fullName } from '../../../core/text.ts'
import { peopleMatching } from '../filters/queries.ts'
import { listNarrowed, type PickedPerson, suggestPeople } from './lookups.ts'
import { detailOf, markOf, matchListed } from './resolve.ts'

const view = may('people.view')
const optionalFilter = z.preprocess((value) => (value === '' ? undefined : value), id().optional())
const suggestQuery = z.object({ q: z.string().trim().max(100).default(''), filter: optionalFilter })
const listInput = z.object({ text: z.string().max(200_000).default(''), filter: optionalFilter })

/** So many are put into a field at once by a filter. */
const MOST_BY_FILTER = 500

const present = (person: PickedPerson) => ({ value: markOf(person), name: fullName(person), hint: detailOf(person) })

/** What the people picker asks for while one types or pastes. */
export function pickerRoutes(routes: Routes): void {
  routes.get('/people/suggest', { access: view, query: suggestQuery }, async ({ actor, query }) => {
    const narrow = query.filter ? await peopleMatching(actor, query.filter) : undefined
    return json((await suggestPeople(actor, query.q, narrow)).map(present))
  })

  // A list may be longer than an address: nothing is changed by this.
  routes.post('/people/pick', { access: view, body: listInput }, async ({ actor, body }) => {
    if (body.filter) {
      const found = await listNarrowed(actor, await peopleMatching(actor, body.filter), MOST_BY_FILTER + 1)
      const isCut = found.length > MOST_BY_FILTER
      return json({ found: found.slice(0, MOST_BY_FILTER).map(present), several: [], nobody: [], isCut })
    }
    const { matched, cutOff } = await matchListed(actor, body.text)
    return json({
      found: matched.found.map(({ person }) => present(person)),
      several: matched.ambiguous.map(({ line, people }) => ({ text: line.text, people: people.map(present) })),
      nobody: matched.notFound.map(({ text }) => text),
      isCut: cutOff > 0,
    })
  })
}
