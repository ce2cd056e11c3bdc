// Runs decision tables by the rules of DMN: dmn-moddle reads the file, feelin evaluates its expressions.
// In: [{dmn, cases: [{label: truth}]}] as JSON. Out: for each file {warnings, outputs: for each case [output, ...]}.
import { readFileSync } from "node:fs";
import { DmnModdle } from "dmn-moddle";
import { evaluate, unaryTest } from "feelin";

function value(result) {
  if (result.warnings.length) throw new Error(JSON.stringify(result.warnings));
  return result.value;
}

function decide(table, answers) {
  const context = {};
  for (const input of table.input) context[input.inputExpression.text] = answers[input.label];
  const asked = table.input.map((input) => value(evaluate(input.inputExpression.text, context)));
  const fits = (rule) => (rule.inputEntry ?? []).every((entry, place) => value(unaryTest(entry.text, { ...context, "?": asked[place] })) === true);
  return table.rule.filter(fits).map((rule) => value(evaluate(rule.outputEntry[0].text, context)));
}

const told = [];
for (const { dmn, cases } of JSON.parse(readFileSync(0, "utf8"))) {
  const { rootElement, warnings } = await new DmnModdle().fromXML(dmn, "dmn:Definitions");
  const decision = rootElement.drgElement.find((element) => element.$type === "dmn:Decision");
  const table = decision.decisionLogic;
  if (table.hitPolicy !== "UNIQUE") throw new Error(`hit policy ${table.hitPolicy}`);
  table.input ??= [];
  told.push({ warnings: warnings.map((one) => one.message), outputs: cases.map((answers) => decide(table, answers)) });
}
process.stdout.write(JSON.stringify(told));
