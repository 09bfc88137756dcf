// What templates may not hold, by name and place, and what variables do not fit into them.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { attempt } from './support/templates.ts';

const queue = useQueue();

test.each([
  ['', 'its beginning: it is empty'],
  ['x'.repeat(65_537), 'its end: it should have at most 65536 characters, but has 65537'],
  ['a\n  {{ b', 'line 2, column 3: the tag {{ is not closed'],
  ['a {% if x', 'line 1, column 3: the tag {% is not closed'],
  ['{# x', 'line 1, column 1: the tag {# is not closed'],
  [`{{ 'a }}`, 'line 1, column 1: a text in quotes of this tag is not closed'],
  [`{{ 'a\\' }}`, 'line 1, column 1: a text in quotes of this tag is not closed'],
  ['{{ }}', 'line 1, column 3: a value is missing at the end of the tag'],
  ['{{ a == }}', 'line 1, column 3: a value is missing at the end of the tag'],
  ['é😀{{ a b }}', 'line 1, column 8: "b" should not stand here'],
  ['{{ a ! }}', 'line 1, column 6: "!" is not a part of any expression'],
  ['{{ a $ }}', 'line 1, column 6: "$" is not a part of any expression'],
  ['{{ ключ }}', 'line 1, column 4: "к" is not a part of any expression'],
  ['{{ * }}', 'line 1, column 4: a value should stand here, not "*"'],
  ['{{ and }}', 'line 1, column 4: a value should stand here, not "and"'],
  ['{{ {} }}', 'line 1, column 4: a value should stand here, not "{"'],
  ['{{ a.b() }}', 'line 1, column 7: calls are not supported, but for .items() of a for'],
  ['{{ range(9) }}', 'line 1, column 9: calls are not supported, but for .items() of a for'],
  [
    '{{ a.__class__ }}',
    'line 1, column 5: behind the point should stand a name that does not begin with __, not "__class__"',
  ],
  ['{{ __import__ }}', 'line 1, column 4: "__import__": names that begin with __ are not supported'],
  [
    '{{ a. }}',
    'line 1, column 5: behind the point should stand a name that does not begin with __, not "the end of the tag"',
  ],
  ['{{ a.00 }}', 'line 1, column 5: behind the point should stand a name that does not begin with __, not "00"'],
  ['{{ a + 1 }}', 'line 1, column 6: the operator "+" is not supported'],
  ['{{ a ~ b }}', 'line 1, column 6: the operator "~" is not supported'],
  ['{{ a // b }}', 'line 1, column 6: the operator "//" is not supported'],
  ['{{ a if b else c }}', 'line 1, column 6: "if" inside of an expression is not supported: use {% if %}'],
  ['{{ a[1:2] }}', 'line 1, column 7: parts of lists and texts ([a:b]) are not supported'],
  ['{{ a|join(d=",") }}', 'line 1, column 12: arguments by name are not supported'],
  ['{{ a|safe }}', 'line 1, column 6: behind "|" should stand a filter that is supported, not "safe"'],
  ['{{ a| }}', 'line 1, column 5: behind "|" should stand a filter that is supported, not "the end of the tag"'],
  ['{{ a|replace }}', 'line 1, column 6: the filter "replace" needs arguments'],
  ['{{ a|upper(1) }}', 'line 1, column 6: the filter "upper" should have from 0 to 0 arguments, but has 1'],
  ['{{ a|replace(1) }}', 'line 1, column 6: the filter "replace" should have from 2 to 3 arguments, but has 1'],
  ['{{ a is odd }}', 'line 1, column 6: behind "is" should stand "defined" or "not defined", not "odd"'],
  ['{{ a is not none }}', 'line 1, column 6: behind "is" should stand "defined" or "not defined", not "not none"'],
  ['{{ a is }}', 'line 1, column 6: behind "is" should stand "defined" or "not defined", not "the end of the tag"'],
  ['{{ a < b < c }}', 'line 1, column 10: several comparisons in a row are not supported: use and'],
  ['{{ a == not b }}', 'line 1, column 9: "not" behind a comparison should be in brackets'],
  ['{{ a|first.b }}', 'line 1, column 11: behind a number, a filter or a test brackets are needed: (a|first).b'],
  ['{{ 1.b }}', 'line 1, column 5: behind a number, a filter or a test brackets are needed: (a|first).b'],
  ['{{ (a }}', 'line 1, column 4: a bracket is not closed'],
  ['{{ a) }}', 'line 1, column 5: ")" should not stand here, outside of brackets'],
  ['{{ [a) }}', 'line 1, column 6: ")" closes a bracket that was not opened'],
  ['{{ () }}', 'line 1, column 5: brackets should hold a value'],
  ['{{ a[] }}', 'line 1, column 6: brackets should hold a value'],
  ['{{ (a, b) }}', 'line 1, column 6: several values in brackets are not supported: write a list, [a, b]'],
  ['{{ a, b }}', 'line 1, column 5: "," should not stand here, outside of brackets'],
  [`{{ 'a\\d' }}`, 'line 1, column 4: the escape \\d is not supported'],
  [`{{ '\\u0000' }}`, 'line 1, column 4: \\u0000 is not a character that a text can hold'],
  [`{{ '\\ud800' }}`, 'line 1, column 4: \\ud800 is not a character that a text can hold'],
  [
    '{{ 007 }}',
    'line 1, column 4: the number 007 should have at most 40 characters, 2 digits of exponent and no 0 in front',
  ],
  [
    '{{ 1e100 }}',
    'line 1, column 4: the number 1e100 should have at most 40 characters, 2 digits of exponent and no 0 in front',
  ],
  ['{% %}', 'line 1, column 3: a statement is missing'],
  ['{% set a = 1 %}', 'line 1, column 4: the statement "set" is not supported'],
  ['{% raw %}{% endraw %}', 'line 1, column 4: the statement "raw" is not supported'],
  ['{% include "x" %}', 'line 1, column 4: the statement "include" is not supported'],
  ['{% macro m() %}{% endmacro %}', 'line 1, column 4: the statement "macro" is not supported'],
  ['{% if %}{% endif %}', 'line 1, column 3: a value is missing at the end of the tag'],
  ['{% if a %}', 'line 1, column 4: this if has no end'],
  ['a{% for x in y %}{% else %}', 'line 1, column 5: this for has no end'],
  ['{% endif %}', 'line 1, column 4: "endif" does not fit here: open is nothing'],
  ['{% if a %}{% endfor %}', 'line 1, column 14: "endfor" does not fit here: open is the if of line 1, column 4'],
  [
    '{% if a %}{% else %}{% else %}{% endif %}',
    'line 1, column 24: "else" does not fit here: open is the if with an else of line 1, column 4',
  ],
  ['{% if a %}{% else b %}{% endif %}', 'line 1, column 14: "else" should stand alone in its tag'],
  [
    '{% for x %}{% endfor %}',
    'line 1, column 4: a for should be "for name in list" or "for name, name in object.items()"',
  ],
  [
    '{% for 1 in x %}{% endfor %}',
    'line 1, column 4: a for should be "for name in list" or "for name, name in object.items()"',
  ],
  [
    '{% for a, b in x %}{% endfor %}',
    'line 1, column 4: two names, and only they, should be for names and values: object.items()',
  ],
  [
    '{% for a in x.items() %}{% endfor %}',
    'line 1, column 4: two names, and only they, should be for names and values: object.items()',
  ],
  ['{% for a in x.keys() %}{% endfor %}', 'line 1, column 19: calls are not supported, but for .items() of a for'],
  ['{% for a, b in .items() %}{% endfor %}', 'line 1, column 3: a value is missing at the end of the tag'],
  [
    '{% for a in x if a %}{% endfor %}',
    'line 1, column 15: "if" inside of an expression is not supported: use {% if %}',
  ],
  ['{% for a in x recursive %}{% endfor %}', 'line 1, column 15: recursive loops are not supported'],
  ['{% for loop in x %}{% endfor %}', 'line 1, column 8: "loop" cannot be the name of what a loop gives'],
  [
    '{% for a in x %}{{ loop }}{% endfor %}',
    'line 1, column 20: of loop there are loop.index, loop.index0, loop.first, loop.last and loop.length, and nothing else',
  ],
  [
    '{% for a in x %}{{ loop.cycle }}{% endfor %}',
    'line 1, column 20: of loop there are loop.index, loop.index0, loop.first, loop.last and loop.length, and nothing else',
  ],
  [
    `{{ ${'('.repeat(101)}a${')'.repeat(101)} }}`,
    'line 1, column 104: an expression should be nested at most 100 deep',
  ],
  ['{% if a %}'.repeat(33), 'line 1, column 324: statements should be nested at most 32 deep'],
])('%s is refused: %s', async (template, message) => {
  expect(await attempt(queue, template)).toEqual({ error: '42601', message: `Invalid template at ${message}` });
});

test.each([
  ['{{ a.b }}', {}, 'line 1, column 5: a is undefined, and so has no "b"'],
  ['{{ a.b.c[0] }}', { a: {} }, 'line 1, column 7: a.b is undefined, and so has no "c"'],
  ['{{ a[b] }}', {}, 'line 1, column 5: a is undefined, and so has no member'],
  [
    '{{ a < b }}',
    { a: 1, b: 'x' },
    'line 1, column 6: "<" is for two numbers or two texts, not for a number and a text',
  ],
  [
    '{{ a >= b }}',
    { a: [1], b: [2] },
    'line 1, column 6: ">=" is for two numbers or two texts, not for a list and a list',
  ],
  ['{{ 1 in a }}', { a: 'x1' }, 'line 1, column 6: a text has other texts in it, not a number'],
  ['{{ 1 in a }}', { a: 5 }, 'line 1, column 6: "in" should be asked of a list, an object or a text, not of a number'],
  ['{{ [] in a }}', { a: {} }, 'line 1, column 7: an object has names, and a list is none'],
  [
    '{% for x in a %}{% endfor %}',
    { a: null },
    'line 1, column 4: a list, an object or a text should be gone through, not none',
  ],
  [
    '{% for k, v in a.items() %}{% endfor %}',
    { a: [1] },
    'line 1, column 4: .items() should be asked of an object, not of a list',
  ],
  ['{{ a|length }}', { a: 5 }, 'line 1, column 6: a list, an object or a text should be gone through, not a number'],
  [
    '{{ b in a }}',
    { a: 'x', b: 'y'.repeat(1001) },
    'line 1, column 6: what is looked for in a text should have at most 1000 characters, but has 1001',
  ],
  [
    '{{ a|replace(b, 1) }}',
    { a: 'x', b: 'y'.repeat(1001) },
    'line 1, column 6: what is looked for in a text should have at most 1000 characters, but has 1001',
  ],
  [
    '{{ a|trim(b) }}',
    { a: 'x', b: 'y'.repeat(101) },
    'line 1, column 6: what is looked for in a text should have at most 100 characters, but has 101',
  ],
  ['{{ a|tojson }}', {}, 'line 1, column 6: what is undefined cannot be written as JSON'],
  ['{{ "a"|replace("a", "b", 1.5) }}', {}, 'line 1, column 8: replace should count by a whole number, not by a number'],
])('%s with %j cannot be rendered: %s', async (template, variables, message) => {
  const refused = { error: '22023', message: `The template cannot be rendered, at ${message}` };
  expect(await attempt(queue, template, variables)).toEqual(refused);
});
