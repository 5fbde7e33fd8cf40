import { InputError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { findOrganisationsByName } from './queries.ts'

/**
 * The organisation that was typed or chosen by name, full or short, or by a part of it that fits only one.
 * @param field the form's field, for the reason beside it
 * @throws InputError if none or several fit
 */
export async function resolveOrganisation(
  actor: Actor,
  text: string,
  field: string,
): Promise<{ id: number; short_name: string }> {
  const found = await findOrganisationsByName(actor, text, 6)
  const key = fold(text)
  const exact = found.filter((row) => row.short_name_folded === key || row.name_folded === key.slice(0, 191))
  const one = exact.length === 1 ? exact[0] : found.length === 1 ? found[0] : undefined
  if (one) return one
  if (!found.length) throw InputError.of(field, 'organisations.resolve.none')
  throw InputError.of(field, 'organisations.resolve.several', { names: found.map((row) => row.short_name).join('; ') })
}
