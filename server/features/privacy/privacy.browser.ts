import { expect } from 'chai'
import { db, insertRow, toJson } from '../../core/db/index.ts'
import { saveSetting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeUser } from '../../testing/builders.ts'

const WINDOWS = [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]

describe('personal data in the browser', function () {
  this.timeout(180_000)
  const app = useApp()
  const browser = useBrowser(app)

  const both = (text: string) => toJson({ ru: text, en: `${text} (en)` })
  const long = 'Я даю согласие на обработку моих персональных данных: фамилия, имя, отчество, должность.\n\n'.repeat(12)
  async function publish(name: string, is_compulsory: 0 | 1) {
    const texts = { title: both(name), description: both('Зачем это нужно'), basis_note: both('ст. 9') }
    const more = { data_categories: both('имя'), people_categories: both('слушатели'), recipients: both('') }
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const purpose_id = await insertRow('processing_purposes', {
      ...texts,
      ...more,
      ...stamps,
      ...{ position: 1, legal_basis: 'consent', retention: both('год'), consent_text: both(long), is_compulsory },
    })
    const text = { purpose_id, number: 1, title: both(name), text: both(long), is_compulsory, published_at: nowUtc() }
    await saveSetting('consents', { asked: await insertRow('consent_texts', text) })
  }

  before(async () => {
    await makeUser('administrator', 'administrator')
    await makeUser('learner')
    await publish('Обучение и сопровождение по программам молодых педагогов', 1)
    await publish('Фотография в профиле', 0)
  })

  it('asks before anything else, by keyboard, and lets through who has answered', async () => {
    for (const options of WINDOWS) {
      const page = await browser.open('learner', '/profile', options)
      await page.getByRole('heading', { level: 1, name: 'Согласия на обработку персональных данных' }).waitFor()
      expect(await page.locator('input:checked').count()).to.equal(0)
      // Nor does anything look as if it were.
      const colour = (type: string) =>
        page.locator(`input[type=${type}]`).first().evaluate('(input) => getComputedStyle(input).backgroundColor')
      expect(await colour('radio')).to.equal(await colour('checkbox'))
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.close()
    }
    const page = await browser.open('learner', '/profile')
    await page.getByRole('button', { name: 'Сохранить ответы и продолжить' }).press('Enter')
    await page.getByRole('link', { name: /Без этого согласия в системе нельзя работать/ }).waitFor()
    await expectAccessible(page)
    await page.getByRole('checkbox', { name: /Прочитал\(а\) и даю согласие/ }).press('Space')
    await page.getByRole('radio', { name: /Не сейчас/ }).press('Space')
    await page.getByRole('button', { name: 'Сохранить ответы и продолжить' }).press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Мой профиль' }).waitFor()
    expect(await db()('consents').pluck('action')).to.have.members(['given', 'postponed'])
  })

  it('works without scripts', async () => {
    await makeUser('plain')
    const page = await browser.open('plain', '/', { javaScript: false, width: 390 })
    await page.getByRole('checkbox').check()
    await page.getByRole('radio', { name: 'Согласен (согласна)' }).check()
    await page.getByRole('button', { name: 'Сохранить ответы и продолжить' }).click()
    await page.getByText('Ответы сохранены.').waitFor()
  })

  const look = async (login: string | null, paths: string[], windows: typeof WINDOWS = WINDOWS) => {
    for (const path of paths) {
      for (const options of windows) {
        const page = await browser.open(login, path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
  }

  it('reads well on a desk and on a phone', async () => {
    await look('learner', ['/my/consents', '/profile', '/my/data', '/my/data/people', '/my/data/reads', '/my/requests'])
    const textPath = `/personal-data/texts/${(await db()('consent_texts').first()).id}`
    await look(null, ['/personal-data', textPath])
    await db()('people').update({ consents_through: 99 })
    const { person_id } = await db()('accounts').where({ login: 'learner' }).first()
    const { id } = await db()('processing_purposes').first()
    const request = await insertRow('data_requests', {
      ...{ person_id, kind: 'erasure', text: 'Прошу удалить мои данные.', state: 'open', due_on: '2026-01-01' },
      ...{ created_at: nowUtc(), updated_at: nowUtc() },
    })
    await look(
      'administrator',
      [
        '/purposes',
        `/purposes/${id}`,
        '/consents/register',
        `/people/${person_id}/consents`,
        `/people/${person_id}/erasure`,
        `/people/${person_id}/erasure/confirm`,
        '/erasures',
        '/data-requests',
        `/data-requests/${request}`,
        '/retention',
        '/retention/left?days=400',
      ],
      WINDOWS.slice(0, 2),
    )
  })
})
