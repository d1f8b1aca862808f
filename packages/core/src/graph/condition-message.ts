import { create } from "@bufbuild/protobuf";
import {
  type BooleanExpression,
  BooleanExpressionSchema,
  ConjunctionExpression_LogicalOperator as Logical,
  type Operand as OperandMessage,
  OperandSchema,
  ComparisonExpression_Operator as Operator,
} from "@flyte-ts/idl/core";
import { type Comparator, type ConditionExpression, type Operand, operandName } from "./condition.ts";

const operators: Readonly<Record<Comparator, Operator>> = {
  eq: Operator.EQ,
  ne: Operator.NEQ,
  gt: Operator.GT,
  gte: Operator.GTE,
  lt: Operator.LT,
  lte: Operator.LTE,
};

/** The wire form of a condition. */
export function conditionMessage(expression: ConditionExpression): BooleanExpression {
  if (expression.kind === "comparison") {
    const operator = operators[expression.by];
    const [leftValue, rightValue] = [operand(expression.left), operand(expression.right)];
    return create(BooleanExpressionSchema, {
      expr: { case: "comparison", value: { operator, leftValue, rightValue } },
    });
  }
  const operator = expression.by === "and" ? Logical.AND : Logical.OR;
  const [leftExpression, rightExpression] = [conditionMessage(expression.left), conditionMessage(expression.right)];
  return create(BooleanExpressionSchema, {
    expr: { case: "conjunction", value: { operator, leftExpression, rightExpression } },
  });
}

/** Constants go into the deprecated field: the newer one Flyte's compiler does not read. */
function operand(side: Operand): OperandMessage {
  return create(OperandSchema, {
    val:
      side.kind === "output"
        ? { case: "var", value: operandName(side.output) }
        : { case: "primitive", value: { value: side.primitive } },
  });
}
