import { db } from '../server/core/db/index.ts'
import { recordEvent } from '../server/core/events/index.ts'
import { SYSTEM } from '../server/core/rights/index.ts'
import { roleId } from '../server/core/rights/roles.ts'
import { openAccount } from '../server/features/accounts/account-service.ts'
import { selectPerson } from '../server/features/people/queries.ts'
import { createPerson, updatePerson } from '../server/features/people/service.ts'
import { grantRole } from '../server/features/rights/service.ts'
import type { AuthorityAnswers } from './answers.ts'
import type { RememberedAdministrator } from './wizard/state.ts'

/**
 * Writes the first administrator: a person, an account, a grant on the whole authority. Belongs into a transaction.
 * @param known the person that an installation which broke off has written already; it is corrected
 * @returns the person's id
 */
export async function writeAdministrator(
  administrator: RememberedAdministrator,
  authority: AuthorityAnswers,
  known: number | undefined,
): Promise<number> {
  const { passwordHash, login, ...names } = administrator
  const unknown = { gender: null, birthDate: null, phone: null, categoryId: null, experienceYears: null, about: null }
  const person = { ...names, ...unknown }
  if (known) {
    const { version } = await selectPerson(SYSTEM, known)
    await updatePerson(SYSTEM, known, { ...person, version })
  }
  const id = known ?? (await createPerson(SYSTEM, { ...person, organisation: null, position: null, startsOn: null }))
  await db()('people').where({ id }).update({ language: authority.language })
  await openAccount(SYSTEM, id, { login, passwordHash })
  const everywhere = { scopeType: 'authority' as const, scopeId: 0 }
  await grantRole(SYSTEM, id, {
    roleId: await roleId('administrator'),
    scope: everywhere,
    startsOn: undefined,
    endsOn: undefined,
  })
  if (!known) await recordEvent(SYSTEM, 'systemInstalled', { type: 'person', id })
  return id
}
