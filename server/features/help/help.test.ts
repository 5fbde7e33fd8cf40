import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { renderMarkdown } from '../../core/help/markdown.ts'
import { helpText, helpTopics, topicOf } from '../../core/help/topics.ts'
import { LANGUAGES } from '../../core/i18n/index.ts'
import { packageRoot } from '../../core/paths.ts'
import { useApp } from '../../testing/app.ts'
import type { TestClient } from '../../testing/client.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import { makeWorld, type Role, type World } from '../../testing/world.ts'
import { GUIDES, guideText, topicText } from './library.ts'

const features = join(packageRoot, 'server', 'features')
const rows: MatrixRow[] = []
for (const file of readdirSync(features, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('rights.matrix.ts')) continue
  rows.push(...(await import(pathToFileURL(join(features, file)).href)).default)
}
const gets = new Map(rows.filter((row) => row.route.startsWith('GET ')).map((row) => [row.route, row]))

describe('help', function () {
  this.timeout(60_000)
  const app = useApp()
  let world: World
  const clients = new Map<Role, TestClient>()
  const clientOf = async (role: Role) => {
    const client = clients.get(role) ?? (await app.signedIn(role))
    clients.set(role, client)
    return client
  }

  before(async () => {
    world = await makeWorld()
  })

  it('is there for every page with navigation, and its button leads to it', async () => {
    const without: string[] = []
    for (const [route, row] of gets) {
      const role = (['administrator', ...row.may] as const).find((one) => one !== 'visitor' && row.may.includes(one))
      if (!role) continue
      const path = typeof row.path === 'string' ? row.path : await row.path(world.own, world)
      const answer = await (await clientOf(role)).get(path)
      if (!answer.text.includes('class="app-header"')) continue
      const topic = topicOf(route.slice('GET '.length))
      const isWritten = topic && LANGUAGES.every((language) => helpTopics(language).includes(topic))
      // Only who may do nothing yet stays on the front page.
      if (!isWritten && route !== 'GET /') without.push(`${route}: docs/help/<language>/${topic ?? '…'}.md`)
      if (topic && answer.status === 200) expect(answer.text, route).to.include(`href="/help/topics/${topic}"`)
    }
    expect(without, 'pages without help').to.deep.equal([])
  })

  it('has no text without a page, and the same texts in every language', () => {
    const used = new Set(app.app.routes.map((route) => topicOf(route.path)))
    for (const language of LANGUAGES) {
      const topics = helpTopics(language)
      expect(topics).to.deep.equal(helpTopics(LANGUAGES[0] as string))
      expect(topics.filter((topic) => !used.has(topic))).to.deep.equal([])
      for (const topic of topics) {
        const text = helpText(topic, language)
        expect(text?.title, `${language}/${topic}`).to.match(/\S/)
        expect(text?.text.length, `${language}/${topic}`).to.be.within(120, 2500)
        expect(text?.also, `${language}/${topic}`).to.deep.equal(helpText(topic, LANGUAGES[0] as string)?.also)
      }
    }
  })

  it('has links that lead to chapters of guides', () => {
    for (const language of LANGUAGES) {
      const chapters = new Set(
        GUIDES.flatMap((guide) => [
          `/help/guides/${guide}`,
          ...[...guideText(guide, language).html.matchAll(/<h\d id="([^"]+)"/g)].map(
            ([, id]) => `/help/guides/${guide}#${id}`,
          ),
        ]),
      )
      const texts = [
        ...helpTopics(language).map((topic) => topicText(topic, language)),
        ...GUIDES.map((guide) => guideText(guide, language)),
      ]
      for (const text of texts) {
        expect(text?.html, text?.title).to.not.match(/<a>|<a rel/)
        for (const [, href = ''] of text?.html.matchAll(/href="(\/help\/guides[^"]*)"/g) ?? []) {
          expect(chapters.has(decodeURIComponent(href)), `${text?.title}: ${href}`).to.equal(true)
        }
      }
    }
  })

  it('shows each person the topics of their own pages, and every guide', async () => {
    const learner = await (await clientOf('learner')).get('/help')
    expect(learner.text).to.include('href="/help/topics/home"').and.include('href="/help/guides/installation"')
    expect(learner.text).to.not.include('href="/help/topics/backups"')
    expect((await (await clientOf('administrator')).get('/help')).text).to.include('href="/help/topics/backups"')
    expect(learner.queries).to.be.below(4)
  })

  it('reads in the person’s language, whole or as the panel’s part', async () => {
    const client = await clientOf('instructor')
    const russian = await client.get('/help/topics/journals.one')
    expect(russian.text).to.include('Что здесь можно сделать').and.include('<html')
    await client.post('/preferences', { language: 'en', back: '/help' })
    const part = await client.get('/help/topics/journals.one?part=1')
    expect(part.text).to.include('data-title="Module journal"').and.include('What you can do here')
    expect(part.text).to.not.include('<html')
    expect((await client.get('/help/guides/learner')).text).to.include('For learners')
    await client.post('/preferences', { language: 'ru', back: '/help' })
  })

  it('knows no other files', async () => {
    const client = await clientOf('learner')
    for (const path of [
      '/help/topics/..%2F..%2Fru%2Flearner',
      '/help/topics/nothing',
      '/help/guides/..%2FARCHITECTURE',
    ]) {
      expect((await client.get(path)).status, path).to.equal(404)
    }
  })

  it('lets the key be switched off', async () => {
    const client = await clientOf('learner')
    expect((await client.get('/home')).text).to.include('aria-keyshortcuts="?"')
    await client.post('/preferences', { shortcuts: '0', back: '/help' })
    expect((await client.get('/home')).text).to.not.match(/aria-keyshortcuts="[?/]/)
  })

  it('offers the tours of a person until they are taken or declined', async () => {
    const client = await clientOf('director')
    expect((await client.get('/employees')).text).to.include('/help/tours/director/seen')
    expect((await client.post('/help/tours/learner/seen')).status).to.equal(404)
    for (let time = 0; time < 2; time++) {
      expect((await client.post('/help/tours/director/seen')).location).to.equal('/employees')
    }
    expect((await client.get('/employees')).text).to.not.include('/help/tours/')
    expect((await client.get('/employees?tour=director')).text).to.include('data-begins')
    expect((await client.get('/help')).text).to.include('href="/employees?tour=director"')
    const noted = await db()('domain_events').where({ type: 'tourSeen', actor_id: world.ids.director })
    expect(noted).to.have.length(1)
  })

  it('renders Markdown without anything that acts', () => {
    const html = renderMarkdown(
      '# A b\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](https://example.org) [z](../b.md#c)\n\n![p](x.png)',
      'ru/a.md',
      (file, anchor) => `/${file}#${anchor}`,
      1,
    )
    expect(html).to.include('<h2 id="a-b">').and.include('href="/b.md#c"').and.include('rel="noopener noreferrer"')
    expect(html).to.not.match(/script|<img/)
  })
})
