import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { beginningWith, fold } from '../../core/text.ts'

/** Narrows people (`p`): each typed word begins a word of the name; an address with @ is looked up as an e-mail. */
export function named(query: Knex.QueryBuilder, text: string): void {
  if (text.includes('@')) {
    void query.whereBetween('p.email_folded', beginningWith(fold(text)))
    return
  }
  for (const word of fold(text)
    .split(/[\s.,-]+/)
    .filter(Boolean)
    .slice(0, 5)) {
    void query.whereIn('p.id', db()('person_words').whereBetween('word', beginningWith(word)).select('person_id'))
  }
}
