import { runUnattended } from '../../install/unattended.ts'

process.umask(0o077)
process.exit(await runUnattended(process.argv.slice(2)))
