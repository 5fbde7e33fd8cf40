/**
 * Compiles the server's TypeScript to dist/ and bundles the browser entry points public/js/bundles/*.js
 * to dist/public/js/. Needs the development packages.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const stampFile = join(dist, '.integral-build')
const bundles = join(root, 'public', 'js', 'bundles')

/** Everything that the build is made of. Tests are not: changing one rebuilds nothing. */
function* sources() {
  for (const file of ['tsconfig.json', 'package-lock.json', 'install/tsconfig.build.json', 'install/build.mjs']) {
    if (existsSync(join(root, file))) yield file
  }
  for (const folder of ['server', 'migrations', 'seeds', 'install', 'public/js']) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { recursive: true })) {
      const file = join(folder, entry)
      if (!['.ts', '.js', '.css'].includes(extname(file)) || /\.(test|test-child|browser)\.ts$/.test(file)) continue
      yield file
    }
  }
}

/** A hash of the contents, not of the times: a checkout of the same commit needs no new build. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of [...sources()].sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** Whether dist/ was built from exactly these sources. */
export const isBuilt = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint()

/** The browser entry points: every file directly in public/js/bundles. */
const bundleEntries = () =>
  existsSync(bundles)
    ? readdirSync(bundles, { withFileTypes: true })
        .filter((entry) => entry.isFile() && ['.js', '.ts', '.css'].includes(extname(entry.name)))
        .map((entry) => join(bundles, entry.name))
    : []

/** Settings of esbuild, shared with the watching build of `npm run dev`. */
export const bundleOptions = () => ({
  entryPoints: bundleEntries(),
  outdir: join(dist, 'public', 'js'),
  bundle: true,
  minify: true,
  sourcemap: true,
  format: 'esm',
  target: 'es2020',
  legalComments: 'linked',
  logLevel: 'silent',
})

/** Builds everything anew. The stamp is written last, so that a build that was cut off is repeated. */
export async function build() {
  const print = fingerprint()
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const project = join(root, 'install', 'tsconfig.build.json')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' })
  if (status !== 0) return `${stdout}${stderr}`
  const options = bundleOptions()
  if (options.entryPoints.length) {
    const esbuild = await import('esbuild')
    try {
      await esbuild.build(options)
    } catch (error) {
      return error.message
    } finally {
      await esbuild.stop()
    }
  }
  copyPdfResources()
  writeFileSync(stampFile, print)
}

/** What the PDF viewer loads for files that bring no fonts of their own: letters of many languages, pictures of rare kinds. */
function copyPdfResources() {
  const source = join(root, 'node_modules', 'pdfjs-dist')
  for (const folder of ['cmaps', 'standard_fonts', 'wasm']) {
    const filter = (file) => !file.endsWith('.wasm')
    cpSync(join(source, folder), join(dist, 'public', 'pdf', folder), { recursive: true, filter })
  }
  cpSync(join(source, 'LICENSE'), join(dist, 'public', 'pdf', 'LICENSE'))
}
