/** `npm run dev`: the server starts again when a source changes, and the browser bundles are built again beside it. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import esbuild from 'esbuild'
import { bundleOptions } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const options = bundleOptions()
if (options.entryPoints.length) {
  const context = await esbuild.context({ ...options, minify: false, logLevel: 'warning' })
  await context.watch()
}
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')
const watched = ['--include', 'views/**/*', '--include', 'server/locales/**/*.json']
const server = spawn(process.execPath, [tsx, 'watch', ...watched, 'server/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', (code) => process.exit(code ?? 0))
