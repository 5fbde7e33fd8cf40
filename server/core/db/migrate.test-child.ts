import { connect } from './connect.ts'
import { migrate } from './migrate.ts'

// A process for migrate.test.ts to kill: it says when it begins.
const knex = connect(JSON.parse(process.argv[2] ?? ''))
process.send?.('begins')
await migrate(knex)
await knex.destroy()
process.disconnect?.()
