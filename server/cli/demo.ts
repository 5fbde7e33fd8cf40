import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFile, loadConfig } from '../config.ts'
import { packageRoot } from '../core/paths.ts'

// The demonstration has a data folder of its own, beside a real installation's.
const folder = process.env.INTEGRAL_DATA ?? join(packageRoot, 'data', 'demo')
process.env.INTEGRAL_DATA = folder
process.env.LOG_LEVEL ??= 'warn'

// Nothing real is ever erased or filled with invented people.
if (existsSync(configFile(folder))) {
  const { database } = JSON.parse(readFileSync(configFile(folder), 'utf8'))
  if (database?.file !== 'demo.sqlite') {
    process.stderr.write(
      `${folder} holds an installation and not the demonstration. Name another folder in INTEGRAL_DATA.\n`,
    )
    process.exit(1)
  }
}
if (process.argv.includes('--reset')) rmSync(folder, { recursive: true, force: true })

mkdirSync(folder, { recursive: true, mode: 0o700 })
if (!existsSync(configFile(folder))) {
  const config = { secret: randomBytes(32).toString('hex'), database: { kind: 'sqlite', file: 'demo.sqlite' } }
  writeFileSync(configFile(folder), JSON.stringify(config, null, 2), { mode: 0o600 })
}

const config = loadConfig(folder)
const { startSystem, stopSystem } = await import('../start.ts')
const { isEmpty, LOGINS, loadDemonstration, randomPassword } = await import('../../seeds/demonstration/index.ts')
const server = await startSystem(config)

// What the second start prints is what the first one made; only the owner can read it. It is noted before the rows are
// there: a start that broke off between the two begins anew or finds both.
const noted = join(folder, 'sign-ins.json')
if (await isEmpty()) {
  process.stdout.write('Loading the demonstration …\n')
  const password = process.env.INTEGRAL_DEMO_PASSWORD ?? randomPassword()
  const signIns = LOGINS.map(([role, login]) => ({ role, login, password }))
  writeFileSync(noted, JSON.stringify(signIns), { mode: 0o600 })
  await loadDemonstration(password)
}
const accounts: { role: string; login: string; password: string }[] = JSON.parse(readFileSync(noted, 'utf8'))

server.listen(config.port, config.host, () => {
  const lines = accounts.map(({ role, login, password }) => `  ${role.padEnd(20)} ${login.padEnd(12)} ${password}`)
  process.stdout.write(`\nIntegral: http://localhost:${config.port}\n\n${lines.join('\n')}\n\n`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopSystem(server).then(() => process.exit(0)))
}
