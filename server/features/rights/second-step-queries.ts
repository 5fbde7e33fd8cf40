import { countCapped, type Paged, paged } from '../../core/http/paging.ts'
import { lackingFactor } from '../../core/rights/second-factor.ts'
import { authorityToday } from '../../core/settings.ts'

type LackingRow = {
  id: number
  sort_name: string
  last_name: string
  first_name: string
  middle_name: string | null
  login: string
  last_sign_in_at: string | null
}

/** People whose role demands the second step and who have not set it up, by name. */
export const listLacking = (query: Parameters<typeof paged>[1]): Promise<Paged<LackingRow>> =>
  paged<LackingRow>(
    lackingFactor(authorityToday()).select(
      ...['p.id', 'p.sort_name', 'p.last_name', 'p.first_name', 'p.middle_name', 'a.login', 'a.last_sign_in_at'],
    ),
    query,
    'p.sort_name',
    'p.id',
    (row) => ({ key: row.sort_name, id: row.id }),
  )

export const countLacking = async (): Promise<number> => (await countCapped(lackingFactor(authorityToday()))).count
