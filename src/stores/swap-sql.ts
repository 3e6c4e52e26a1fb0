import { literal } from "./sql.ts";

/** A view, and the table that is to be seen through it. */
export interface Swap {
  /** As SQL, as are `version` and `columns`. */
  readonly view: string;
  /** The view's plain name; its versions' names begin with it. */
  readonly table: string;
  readonly version: string;
  readonly columns: string;
  /** The view's comment from now on. */
  readonly about: string;
}

/**
 * One statement, and so one step: the view shows the new version, its comment says whose vectors these are, and the old
 * version is gone. It waits for searches under way, and the next wait for it. CREATE OR REPLACE keeps who may read the view and what
 * is built on it; with other columns that cannot be.
 */
export function swapSql({ view, table, version, columns, about }: Swap): string {
  const name = literal(view);
  return `DO ${literal(`
    DECLARE
      former regclass[];
      one regclass;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(${name}, 0)); -- two that replace at once come one after the other
      IF to_regclass(${name}) IS NOT NULL THEN
        SELECT array_agg(DISTINCT kept.oid::regclass) INTO former
        FROM pg_rewrite AS rule
        JOIN pg_depend AS needs ON needs.classid = 'pg_rewrite'::regclass AND needs.objid = rule.oid
        JOIN pg_class AS kept ON needs.refclassid = 'pg_class'::regclass AND kept.oid = needs.refobjid
        WHERE rule.ev_class = to_regclass(${name}) AND kept.relkind = 'r' AND starts_with(kept.relname, ${literal(`${table}_`)});
      END IF;
      BEGIN
        CREATE OR REPLACE VIEW ${view} AS SELECT ${columns} FROM ${version};
      EXCEPTION WHEN invalid_table_definition OR feature_not_supported THEN
        DROP VIEW ${view};
        CREATE VIEW ${view} AS SELECT ${columns} FROM ${version};
      END;
      COMMENT ON VIEW ${view} IS ${literal(about)};
      FOREACH one IN ARRAY coalesce(former, '{}') LOOP
        EXECUTE format('DROP TABLE %s', one);
      END LOOP;
    END`)}`;
}
