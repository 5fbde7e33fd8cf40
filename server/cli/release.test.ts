import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../core/paths.ts'

// The archive is made for Linux on x86-64 and can be run only there.
const canRun = process.platform === 'linux' && process.arch === 'x64'

describe('release archive', function () {
  this.timeout(600_000)
  const folder = mkdtempSync(join(tmpdir(), 'integral-release-'))
  let server: ChildProcess | undefined

  after(() => {
    server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('runs on a host that has Node and nothing else, from the installation to a printed page', async () => {
    const out = join(folder, 'out')
    const release = ['--import', 'tsx', join(packageRoot, 'server', 'cli', 'release.ts'), '--out', out]
    const made = spawnSync(process.execPath, release, { encoding: 'utf8', cwd: packageRoot })
    expect(made.status, made.stdout + made.stderr).to.equal(0)
    const [archive] = readdirSync(out)
    const site = join(folder, 'site')
    mkdirSync(site)
    expect(
      spawnSync('tar', ['-xzf', join(out, archive as string), '-C', site, '--strip-components=1']).status,
    ).to.equal(0)
    expect(existsSync(join(site, 'dist', 'release.json'))).to.equal(true)
    expect(existsSync(join(site, 'server', 'main.ts')), 'sources are in the build').to.equal(false)
    if (!canRun) return

    const programs = join(folder, 'bin')
    mkdirSync(programs)
    symlinkSync(process.execPath, join(programs, 'node'))
    const port = 20_000 + (process.pid % 20_000)
    const env = { PATH: programs, HOME: '/nonexistent', INTEGRAL_DATA: join(folder, 'data'), PORT: String(port) }
    const answers = join(folder, 'answers.json')
    const password = 'correct horse battery'
    const name = { lastName: 'Соколова', firstName: 'Ольга', email: 'sokolova@zarechny.example' }
    writeFileSync(
      answers,
      JSON.stringify({
        address: `http://127.0.0.1:${port}`,
        database: { kind: 'sqlite' },
        authority: { name: 'Школа № 5', language: 'ru', timeZone: 'Europe/Moscow' },
        administrator: { ...name, login: 'sokolova.ok', password },
        content: 'programme',
      }),
    )
    const setup = spawnSync('node', ['dist/server/cli/setup.js', '--answers', answers], {
      cwd: site,
      env,
      encoding: 'utf8',
    })
    expect(setup.status, setup.stdout + setup.stderr).to.equal(0)

    let output = ''
    server = spawn('node', ['install/prepare.mjs', 'run', 'dist/server/main.js'], { cwd: site, env })
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (text) => {
        output += text
      })
    }
    const url = `http://127.0.0.1:${port}`
    const isUp = () =>
      fetch(`${url}/healthz`)
        .then((answer) => answer.ok)
        .catch(() => false)
    for (let attempt = 0; attempt < 600 && !(await isUp()); attempt++) {
      expect(server.exitCode, output).to.equal(null)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    for (const path of [
      '/sign-in',
      '/css/app.css',
      '/vendor/tabler/css/tabler.min.css',
      '/js/app.js',
      '/img/icons.svg',
    ]) {
      expect((await fetch(url + path)).status, path).to.equal(200)
    }
    expect((await fetch(`${url}/setup`)).status).to.equal(404)
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    expect((await ended)[0], 'stops in order').to.equal(0)
  })
})
