import { z } from 'zod'
import type { Config } from '../../server/config.ts'
import { cleanForm, type Form } from '../../server/core/http/forms.ts'
import { json, page, type Reply } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { languageLabel, type Translate } from '../../server/core/i18n/index.ts'
import { addressInput } from '../answers.ts'
import type { DemonstrationAccount } from '../content.ts'
import { guessAddress, listTimeZones } from '../guesses.ts'
import { DatabaseRefusal, type InstallPlan, install, STAGES, type Stage } from '../installer.ts'
import type { SetupState, SetupStore } from './state.ts'
import { currentStep, stepPage } from './steps.ts'
import { withoutDatabase } from './without-database.ts'
import { databaseNotice, type Notice } from './words.ts'

const finishInput = z.object({ address: addressInput })

/** Hands the running server over to the installed system. */
export type HandOver = (config: Config) => Promise<void>

type Run = Promise<{ config: Config; accounts: DemonstrationAccount[] }>

/** A last look at the answers, then the installation itself. */
export function finishRoutes(routes: Routes, store: SetupStore, handOver: HandOver): void {
  let running: Run | undefined
  let stage: Stage | undefined

  const show = (context: AnyContext, form: Form, notice: Notice | null = null, status = 200) =>
    stepPage(context, store, 'finish', { form, notice, ...summary(context, store.read()) }, { status })

  routes.get('/setup/finish', { access: anyone }, (context) =>
    show(context, cleanForm({ address: guessAddress(context.req) })),
  )

  routes.get('/setup/progress', { access: anyone }, ({ t }) =>
    json({
      stage: stage ? t(`install.stage.${stage}`) : null,
      done: stage ? STAGES.indexOf(stage) : 0,
      total: STAGES.length,
    }),
  )

  routes.post(
    '/setup/finish',
    { access: anyone, body: finishInput, invalid: (context, form) => show(context, form) },
    async (context): Promise<Reply> => {
      const state = store.read()
      if (currentStep(state) !== 'finish') return show(context, cleanForm({}))
      try {
        // An impatient second click waits for the same installation.
        running ??= install(store.folder, planOf(state, context.body.address), (now) => {
          stage = now
        }).finally(withoutDatabase)
        const { config, accounts } = await running
        await handOver(config)
        const model = {
          accounts: accounts.map((account) => ({
            ...account,
            role: context.t(`install.demonstrationRole.${account.login}`),
          })),
          address: config.publicUrl ?? '',
        }
        return page('install/done', model, { title: context.t('install.done.title'), layout: 'plain', wide: true })
      } catch (error) {
        if (!(error instanceof DatabaseRefusal)) throw error
        const notice = databaseNotice(error.report, context.t, context.lang)
        return show(context, cleanForm({ address: context.body.address }), notice, 422)
      } finally {
        running = undefined
        stage = undefined
      }
    },
  )
}

const planOf = ({ machineSeen: _seen, ...state }: SetupState, address: string): InstallPlan => ({
  ...state,
  address,
  database: state.database as InstallPlan['database'],
  takeOver: state.takeOver === true,
})

function zoneName(zone: string, t: Translate, lang: string): string {
  const groups = { russia: t('install.authority.zonesRussia'), world: t('install.authority.zonesWorld') }
  return listTimeZones(lang, groups).find(({ value }) => value === zone)?.label ?? zone
}

/** What will be done, in a few lines; every line can still be changed. */
function summary({ t, lang }: AnyContext, state: SetupState) {
  const { database, authority, administrator, mail, content } = state
  const isMysql = database?.kind === 'mysql'
  const items = [
    {
      label: t('install.steps.database'),
      value: isMysql
        ? t('install.finish.mysql', {
            user: database.user,
            host: database.socket ?? database.host,
            database: database.database,
          })
        : t('install.finish.sqlite', { file: database?.file ?? '' }),
    },
    authority && {
      label: t('install.steps.authority'),
      value: `${authority.name} · ${authority.languages.map(languageLabel).join(', ')} · ${zoneName(authority.timeZone, t, lang)}`,
    },
    administrator && {
      label: t('install.steps.administrator'),
      value: `${[administrator.lastName, administrator.firstName, administrator.middleName].filter(Boolean).join(' ')} · ${administrator.login}`,
    },
    !state.takeOver && {
      label: t('install.steps.mail'),
      value: mail ? t('install.finish.mail', { host: mail.host, from: mail.from }) : t('install.finish.noMail'),
    },
    content && { label: t('install.steps.content'), value: t(`install.content.kind.${content}`) },
  ].filter(Boolean)
  return { items, takeOver: state.takeOver === true }
}
