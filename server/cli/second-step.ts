import { consoleLanguage } from '../../install/console.ts'
import { declareFeatures } from '../app.ts'
import { loadConfig } from '../config.ts'
import { closeDatabase, openDatabase } from '../core/db/index.ts'
import { translator } from '../core/i18n/index.ts'
import { resetFactorOf } from '../features/accounts/second-factor.ts'

// `npm run second-step -- LOGIN`: takes the second step of signing in away, for an administrator who has lost telephone and
// paper and has nobody to ask. Whoever may run commands on the server may do anything there anyway; the audit trail tells of it.

const t = translator(consoleLanguage())
const login = process.argv[2] ?? ''
declareFeatures()
openDatabase(loadConfig().database)
const isDone = login !== '' && (await resetFactorOf(login))
await closeDatabase()
console.log(t(isDone ? 'accounts.factor.command.done' : 'accounts.factor.command.nobody', { login }))
process.exit(isDone ? 0 : 1)
