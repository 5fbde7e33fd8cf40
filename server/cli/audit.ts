import { loadConfig } from '../config.ts'
import { type SealProblem, verifySeals } from '../core/audit/seal.ts'
import { closeDatabase, openDatabase } from '../core/db/index.ts'

// `npm run audit`: whether the audit trail is what was sealed. Ends with 1 if it is not. `-- --json` for programs.

const WORDS: Record<SealProblem['kind'], string> = {
  chain: 'Нарушена цепочка печатей · The chain of seals is broken',
  count: 'Записи добавлены или убраны · Records were added or taken out',
  hash: 'Записи изменены · Records were changed',
  personal: 'Содержание записей изменено · The contents of records were changed',
}

openDatabase(loadConfig().database)
const verdict = await verifySeals()
await closeDatabase()
if (process.argv.includes('--json')) console.log(JSON.stringify(verdict, null, 2))
else {
  const { seals, events, erased, head, problems } = verdict
  console.log(`Записей · records: ${events}, печатей · seals: ${seals}, стёрто по закону · erased by law: ${erased}`)
  if (head) console.log(`Последняя печать · last seal: № ${head.id}, ${head.sealed_at} UTC\n${head.hash}`)
  for (const { sealId, kind, eventIds } of problems) {
    console.log(`✗ № ${sealId}: ${WORDS[kind]}${eventIds.length ? `: ${eventIds.slice(0, 20).join(', ')}` : ''}`)
  }
  if (!problems.length) console.log('✓ Журнал действий не изменён · The audit trail is unbroken')
}
process.exit(verdict.problems.length ? 1 : 0)
