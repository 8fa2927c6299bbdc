// What the contracts offer and which faults there are: read when somebody needs it first, for it is large.

import { read } from "./api.js";

/** By name what each API has; faults with parameters and where they can take effect; words that choose requests. */
export function catalogue(app) {
  return app.load("catalogue", async () => {
    const [apis, { faults, selector }] = await Promise.all([read("apis"), read("faults")]);
    return { apis: new Map(apis.map((each) => [each.name, each])), faults, selector: fieldsOf(selector) };
  });
}

/** Schemas by name, as a list of fields. */
export function fieldsOf(schemas) {
  return Object.entries(schemas).map(([name, schema]) => ({ name, schema }));
}

/** The names of states that jobs of an API come to. */
export function statesOf(api) {
  return [...new Set((api?.resources ?? []).flatMap((each) => each.states.map((state) => state.name)))];
}

/** The names of states in which jobs of an API may end. */
export function outcomesOf(api) {
  return [...new Set((api?.resources ?? []).flatMap((each) => each.outcomes))];
}
