export function math(formula: string): string;
