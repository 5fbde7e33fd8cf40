import { consoleLanguage } from '../../install/console.ts'
import { loadConfig } from '../config.ts'
import { verifySeals } from '../core/audit/seal.ts'
import { closeDatabase, openDatabase } from '../core/db/index.ts'
import { translator } from '../core/i18n/index.ts'

// `npm run audit`: whether the audit trail is what was sealed. Ends with 1 if it is not. `-- --json` for programs.

const t = translator(consoleLanguage())
openDatabase(loadConfig().database)
const verdict = await verifySeals()
await closeDatabase()
if (process.argv.includes('--json')) console.log(JSON.stringify(verdict, null, 2))
else {
  const { seals, events, erased, head, problems } = verdict
  console.log(t('audit.command.counts', { seals, events, erased }))
  if (head) console.log(t('audit.command.head', { id: head.id, when: head.sealed_at, hash: head.hash }))
  for (const { sealId, kind, eventIds } of problems) {
    const ids = eventIds.slice(0, 20).join(', ')
    console.log(t('audit.command.problem', { seal: sealId, what: t(`audit.problem.${kind}`), ids }))
  }
  if (!problems.length) console.log(t('audit.command.fine'))
}
process.exit(verdict.problems.length ? 1 : 0)
