import { Injectable } from '@nestjs/common';
import { type FilterCondition } from '@astro/contracts';
import { Connections } from '../shared/connections.js';

const OPERATORS: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  in: '=',
};
/** Data exception, and the like for values of types such as json: the text is no value of the type. */
const BAD_VALUE = /^22/;
/** Half a surrogate pair is no character: no text of a database holds it, and no JSON that PostgreSQL stores. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const NO_SUCH_OPERATOR = '42883';

/**
 * Asks SystemDB whether texts are values of a type, so that a filter is refused before anything starts. Types that only
 * OperationsDB has cannot be asked here: the worker casts their values before it begins.
 */
@Injectable()
export class ValueCheck {
  constructor(private readonly connections: Connections) {}

  /** @returns the place of the first text that is no value of the type; null: all are */
  async firstBad(type: string, texts: readonly string[]): Promise<number | null> {
    const half = texts.findIndex((text) => HALF_CHARACTER.test(text));
    if (half !== -1) return half;
    const name = await this.knownType(type);
    if (name === null || (await this.areValues(name, texts))) return null;
    let [good, bad] = [0, texts.length]; // texts before `good` are values; among those before `bad` one is not
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (await this.areValues(name, texts.slice(good, middle))) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** Can values of the type be compared in this way? */
  async compares(type: string, operator: FilterCondition['operator']): Promise<boolean> {
    const name = await this.knownType(type);
    const sign = OPERATORS[operator];
    if (name === null || sign === undefined) return true;
    return this.succeeds(
      `SELECT CAST(NULL AS ${name}) ${sign} CAST(NULL AS ${name})`,
      [],
      (code) => code === NO_SUCH_OPERATOR,
    );
  }

  private areValues(name: string, texts: readonly string[]): Promise<boolean> {
    const sql = `SELECT count(CAST(v AS ${name})) FROM unnest($1::text[]) AS u (v)`;
    return this.succeeds(sql, [texts], (code) => BAD_VALUE.test(code));
  }

  /** The type as the server writes it, quoted where needed; null when SystemDB does not have it. */
  private async knownType(type: string): Promise<string | null> {
    const { rows } = await this.connections.systemDb.query<{ name: string | null }>(
      'SELECT format_type(to_regtype($1), NULL) AS name',
      [type],
    );
    const name = rows[0]?.name ?? null;
    return name === '-' || name === '???' ? null : name;
  }

  private async succeeds(sql: string, values: unknown[], isNo: (code: string) => boolean): Promise<boolean> {
    try {
      await this.connections.systemDb.query(sql, values);
      return true;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code === 'string' && isNo(code)) return false;
      throw error;
    }
  }
}
