import { createServer } from 'node:http'
import { demandFolder, explainStart } from '../install/start-errors.ts'
import { announceWizard, serveWizard } from '../install/wizard/index.ts'
import { removeTraces } from '../install/wizard/state.ts'
import { type Config, dataFolder, isInstalled, loadConfig } from './config.ts'
import { log } from './core/log.ts'
import { startPatiently, startSystem, stopSystem } from './start.ts'

// Whatever is written belongs to this user alone: configuration, database, files of people.
process.umask(0o077)

const server = createServer()
const folder = dataFolder()
demandFolder(folder)

function listen(config: Config, whenReady: () => void): void {
  server.once('error', (error) => explainStart(error, config))
  server.listen(config.port, config.host, whenReady)
}

if (isInstalled()) {
  try {
    const config = loadConfig()
    await startPatiently(config, server)
    // A wizard that was killed with its last breath may have left its key and its answers.
    removeTraces(folder)
    listen(config, () => log.info({ port: config.port }, 'Integral is listening'))
  } catch (error) {
    explainStart(error)
  }
} else {
  const wizard = serveWizard(folder, server, async (config) => {
    await startSystem(config, server)
    log.info('the installation is finished, the system runs')
  })
  listen(wizard.config, () => announceWizard(wizard, folder))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'stopping')
    void stopSystem(server).then(() => process.exit(0))
  })
}
