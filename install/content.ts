import { createHmac } from 'node:crypto'
import { isEmpty, LOGINS, loadDemonstration } from '../seeds/demonstration/index.ts'
import { readyProgrammeFile } from '../seeds/ready-programme/index.ts'
import { db } from '../server/core/db/index.ts'
import { SYSTEM } from '../server/core/rights/index.ts'
import { createProgrammeFromFile } from '../server/features/programmes/transfer/create-from-file.ts'
import type { Content } from './answers.ts'

/** A sign-in of the demonstration, to be shown once. Its role in words is `install.demonstrationRole.<login>`. */
export interface DemonstrationAccount {
  login: string
  password: string
}

/** Logins that the demonstration gives to its own people. */
export const DEMONSTRATION_LOGINS: readonly string[] = LOGINS.map(([, login]) => login)

/**
 * Fills a new system with what it is to begin with. What an interrupted run has loaded is not loaded again.
 * @param secret of this installation
 */
export async function loadContent(content: Content, secret: string): Promise<DemonstrationAccount[]> {
  if (content === 'programme') await loadReadyProgramme()
  return content === 'demonstration' ? loadWholeDemonstration(secret) : []
}

async function loadReadyProgramme(): Promise<void> {
  const file = readyProgrammeFile()
  if (await db()('programmes').where({ code: file.programme.code }).first('id')) return
  await createProgrammeFromFile(SYSTEM, file, { state: 'active' })
}

async function loadWholeDemonstration(secret: string): Promise<DemonstrationAccount[]> {
  const password = process.env.INTEGRAL_DEMO_PASSWORD ?? demonstrationPassword(secret)
  if (await isEmpty()) await loadDemonstration(password)
  return LOGINS.map(([, login]) => ({ login, password }))
}

/** Follows from the secret, so that an installation which is resumed shows the password that it gave before. */
const demonstrationPassword = (secret: string): string =>
  createHmac('sha256', secret).update('demonstration').digest('hex').slice(0, 12)
