// Generated from rates.json by scripts/generate.py. Don't edit.
export const rates = {
  "standard": 19,
  "reduced": 7,
  "zero": 0
};
