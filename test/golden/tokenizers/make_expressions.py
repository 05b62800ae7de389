"""Recipe of expressions.json: what transformers renders from the language's corners, a line each, and which lines it refuses.

    python make_expressions.py      # a Python with transformers 5
"""
import json
import os
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

here = os.path.dirname(os.path.abspath(__file__))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1, "</s>": 2}, "<unk>")), bos_token="<s>", eos_token="</s>")
given = json.load(open(os.path.join(here, "templates.json")))
lines = r"""
[{{ '\n  a'.lstrip('\n') }}]
[{{ 'xxaxx'.strip('x') }}{{ 'xyaxy'.rstrip('yx') }}{{ '\u00a0 a\t'.strip() }}]
{{ True }}{{ false }}{{ None }}{{ none }}{{ [1, 2.0, 'a', "it's", none, true] }}{{ {'a': 1, 'b': [1]} }}{{ (1, 2) }}{{ (1,) }}
{{ messages[2].tool_calls[0].function.arguments }}
{{ messages[2].tool_calls }}
{{ tools }}
{{ 'a' * 3 }}{{ '-' * 0 }}{{ [0] * 2 }}
{{ 1 == 1.0 }}{{ '1' == 1 }}{{ [1] == [1] }}{{ {'a':1} == {'a':1} }}{{ none == false }}{{ true == 1 }}
{{ -7 % 3 }}{{ -7 // 2 }}{{ 7 / 2 }}{{ 6 / 2 }}{{ 2 ** 3 }}{{ 2 ** -1 }}{{ 7.5 // 2 }}{{ 1e20 }}
{{ 1.0 }}{{ 100000000000000000000.0 }}{{ 0.00001 }}{{ 0.1 + 0.2 }}
{{ 'a' < 'b' }}{{ 'Z' < 'a' }}{{ [1,2] < [1,3] }}
{{ 3 in [1,2,3] }}{{ 'a' in {'a':1} }}{{ 'b' not in 'abc' }}{{ [1] in [[1]] }}{{ 'x' in undef }}
{{ 'a' ~ 1 ~ none ~ undef ~ true }}
{{ 'hello World'.title() }}{{ "they're bill's" | title }}{{ "they're bill's".title() }}{{ 'ABC def' | capitalize }}
{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a,b,c'.split(',', 1) }}{{ 'a b c'.rsplit(' ', 1) }}{{ ' a b  c '.split(none, 1) }}
{{ 'abcabc'.replace('b', 'X', 1) }}{{ 'abcabc' | replace('b','X') }}{{ 'a$&b'.replace('a','$&') }}
{{ 'abc'.find('c') }}{{ 'abc'.find('z') }}{{ 'abcabc'.count('b') }}{{ 'a\nb\r\nc'.splitlines() }}
{{ 'x-y'.partition('-') }}{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ '12'.isdigit() }}{{ 'ab1'.isalnum() }}
{{ 'abc'[1] }}{{ 'abc'[-1] }}{{ 'abc'[1:] }}{{ 'abc'[::-1] }}{{ [1,2,3,4][1:3] }}{{ [1,2,3,4][::2] }}{{ [1,2,3][-2:] }}
{{ messages | length }}{{ 'é🙂' | length }}{{ {'a':1} | length }}
{{ messages | map(attribute='role') | list }}{{ ['a','b'] | map('upper') | join(',') }}{{ messages | map(attribute='name', default='?') | join }}
{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('|') }}{{ messages | selectattr('tool_calls') | list | length }}{{ messages | rejectattr('role', 'in', ['user','tool']) | list | length }}{{ messages | selectattr('tool_calls','defined') | list | length }}
{{ [1,2,3,4] | select('odd') | list }}{{ [1,2,3,4] | reject('divisibleby', 2) | list }}{{ [0,1,''] | select | list }}
{{ [3,1,2] | sort }}{{ ['b','A','c'] | sort }}{{ ['b','A','c'] | sort(case_sensitive=true) }}{{ [3,1,2] | sort(reverse=true) }}{{ messages | sort(attribute='role') | map(attribute='role') | join(',') }}
{{ {'b':1,'a':2} | dictsort }}{{ {'b':1,'a':2} | items | list }}{{ {'b':1,'a':2}.items() | list }}
{{ [1,2] | sum }}{{ [1,2.5] | sum }}{{ [1,5,3] | max }}{{ [4,2] | min }}{{ [1,1,2] | unique | list }}{{ 'abc' | reverse }}{{ [1,2] | reverse | list }}
{{ 2.5 | round }}{{ 3.14159 | round(2) }}{{ 2.4 | round | int }}{{ 3 | round }}{{ 7.9 | int }}{{ '12' | int }}{{ 'x' | int(5) }}{{ '1.5' | float }}{{ -3 | abs }}
{{ undef | default('d') }}{{ '' | default('d', true) }}{{ none | default('d') }}{{ false | d('x', boolean=true) }}
{{ tools | tojson }}{{ tools | tojson(indent=2) }}{{ {'b':1,'a':'é'} | tojson(sort_keys=true, ensure_ascii=true) }}{{ [1,2] | tojson(separators=(',', ':')) }}{{ {} | tojson(indent=2) }}{{ [] | tojson(indent=2) }}{{ 1.0 | tojson }}{{ none | tojson }}{{ '</script>&' | tojson }}
{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(width=3, blank=true) }}
{{ 4 is divisibleby 2 }}{{ 4 is divisibleby(3) }}{{ 3 is in [1,3] }}{{ 3 is not in [1,3] }}{{ 'a' is eq 'a' }}{{ 3 is gt(2) }}{{ none is sameas none }}{{ x is not defined }}{{ 5 is odd and 4 is even }}
{{ 'a' is string }}{{ 1 is number }}{{ true is number }}{{ true is integer }}{{ 1.5 is float }}{{ {} is mapping }}{{ [] is sequence }}{{ 'a' is iterable }}{{ 'a' is sequence }}{{ {} is iterable }}{{ none is none }}{{ (1,2) is sequence }}
{% for m in messages if m.role != 'tool' %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.revindex0 }}{% if loop.previtem is defined %}{{ loop.previtem.role }}{% endif %}{% if not loop.last %}{{ loop.nextitem.role }}{% endif %};{% endfor %}
{% for k, v in {'a':1,'b':2}.items() %}{{ k }}{{ v }}{{ loop.cycle('x','y') }}{% endfor %}{% for a in [] %}n{% else %}empty{% endfor %}
{% set x = 1 %}{% for i in [1,2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}
{% set ns = namespace(a=1) %}{% for i in [1,2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}
{% macro f(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1) }}{{ f(1, c=3) }}{{ f(1,2,3,4, z=5) }}{{ f() }}
{% macro r(n) %}{{ n }}{% if n > 0 %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(3) }}
{% macro w(t) %}<{{ t }}>{{ caller('q') }}</{{ t }}>{% endmacro %}{% call(z) w('b') %}in{{ z }}{% endcall %}
{% filter upper %}abc{{ 'd' }}{% endfilter %}{% set y | trim %}  padded  {% endset %}[{{ y }}]
{{ 'yes' if messages[0].role == 'system' else 'no' }}{{ 'a' if false }}|{{ ('x' if true else 'y') ~ 'z' }}
{{ messages[0]['content'] | trim }}{{ messages[0].content.strip() }}{{ messages[9] is defined }}{{ messages[0].nope is defined }}{{ messages[0].nope }}
{{ (messages[0].role == 'system') != (1 == 2) }}{{ not false and true or false }}{{ not (1 in [2]) }}
{{ [1,2,3] | first }}{{ [1,2] | last }}{{ [] | first }}{{ 'abc' | list }}{{ {'a':1} | list }}{{ range(3) | list }}{{ range(5, 0, -2) | list }}
{{ ['a', 'b'] + ['c'] }}{{ [[1, 2], [3]] | sum(start=[]) }}
{{ dict(a=1, b=2) }}{{ {'a': 1}.get('a') }}{{ {'a': 1}.get('b') }}{{ {'a': 1}.get('b', 'z') }}{{ {'items': 5}['items'] }}{{ {'a':1}.keys() | list }}{{ {'a':1}.values() | list }}
{{ '%s' | upper }}{{ 'a' 'b' }}{{ "tab\tq\"" }}{{ 'it\'s' }}
{{ messages[1].content.startswith('1') }}{{ 'abc'.endswith(('c','d')) }}{{ 'a b'.upper().lower() }}{{ ' '.join(['a','b']) }}
a {# c #} b{#- d -#}   c {%- if true -%}   d   {%- endif %} e
{{ 'x' is upper }}{{ 'X' is upper }}{{ 'x1' is lower }}{{ '1' is lower }}{{ 1 is integer }}{{ 1 is boolean }}{{ false is false }}{{ f is callable }}{{ range is callable }}
{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token is defined }}{{ add_generation_prompt }}
{{ 5 // 2 * 2 + 1 }}{{ 2 + 3 * 4 - 1 }}{{ (2 + 3) * 4 }}{{ 10 - 2 - 3 }}{{ -2 ** 2 }}{{ - 3 + 5 }}
{{ 'A' if messages | length > 2 and not messages[0].role is defined else 'B' }}
{{ messages[-1].role }}{{ messages[:-1] | length }}{{ messages[1:][0].role }}
{%- for m in messages -%}{%- if loop.index0 == 1 -%}{%- break -%}{%- endif -%}{{ m.role }}{%- endfor -%}
{{ 'a\\nb' }}{{ 'ü' | upper }}{{ 'ß'.upper() }}{{ 'wordcount two' | wordcount }}{{ ' a ' | trim }}|{{ 'xax' | trim('x') }}
{{ x.y }}
{{ undef.y }}
{{ undef + 1 }}
{{ none + 'a' }}
{{ 'a' + 1 }}
{{ x | fromjson }}
{{ nofun(1) }}
{{ messages.append(1) }}
{{ raise_exception('no') }}
{{ 'a'.nomethod() }}
{{ undef | tojson }}
{{ 1 is nosuchtest }}
{{ [1,'a'] | sort }}
{{ undef[0] }}
{{ 1 < 2 < 3 }}
{{ 3 > 2 > 2 }}
{% for a, b in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{% endfor %}{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% for x in [1,2,3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}
{% for i in range(2) %}{% for j in range(2) %}{{ loop.index }}{{ i }}{{ j }}{% endfor %}{{ loop.index }}{% endfor %}
{% raw %}{{ x }}{% endraw %}
{{ 'a' ~ 'b' | upper }}{{ -1 | abs }}{{ 'abc' | upper | lower }}{{ ('a' ~ 'b') | upper }}
{{ messages[2]['content'].split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') }}
{{ messages[2].content.split('</think>')[-1].lstrip('\n') }}|{{ 'a' in messages[0] }}|{{ 'role' in messages[0] }}
{{ messages[2].tool_calls[0].function.arguments | items | list }}{% for k, v in messages[2].tool_calls[0].function.arguments | items %}{{ k }}:{{ v | tojson }}{{ v if v is string else 'n' }};{% endfor %}
{{ true and 'x' or 'y' }}{{ none or 'z' }}{{ '' or none }}{{ 0 or [] }}{{ 1 and 2 }}
{{ "a" | string }}{{ 1 | string }}{{ true | string }}{{ [1,'a'] | string }}{{ none | string }}{{ 1.5 | string }}
{% set content = messages[0].content %}{% if content is string %}{{ content }}{% else %}{% for c in content %}{{ c.text }}{% endfor %}{% endif %}
{{ namespace(a=1).a }}{{ namespace({'b': 2}).b }}
{{ ['x']|join(', ') if messages else 'none' }}
{{ range(3) }}{{ range(1, 7, 2) }}{{ {'a': 1}.keys() }}{{ {'a': 1}.values() }}{{ {'a': 1}.items() }}{{ {'a': 1}.keys() | list }}
{{ {'a': 1}.keys() | tojson }}
{{ ['\u200b', '\x7f', '\u2028', '\u3000', 'a b'] }}
{{ 'a\x1cb\x1dc\n'.splitlines() }}|{{ 'a\r\nb\rc\n' | indent(2) }}|
{{ 'ǆ'.title() }}{{ 'ß'.title() }}{{ 'ﬁx' | capitalize }}{{ 'ﬁx' | title }}{{ '中a b'.title() }}{{ 'ΑΣ'.title() }}{{ 'ᾳ'.title() }}{{ 'x1y'.title() }}
{% set x = {'a': 1, 'items': 2} %}[{{ x | attr('a') }}]{{ (x | attr('get'))('a') }}{{ x['items'] }}
{% macro named(a) %}{% endmacro %}{{ named.name }}
{{ documents is none }}{{ documents is defined }}{{ 'y' if documents is not none else 'n' }}
{{ '{}-{}'.format('a', 1) }}{{ '{1}{0}'.format('a', none) }}{{ '{x}{{}}'.format(x=[1.0]) }}
{{ '{} {}'.format(1) }}
{{ '{'.format() }}
{{ '{} {0}'.format(1) }}
{{ 2.45 | round(1) }}{{ 1.55 | round(1) }}{{ 0.125 | round(2) }}{{ 2.675 | round(2) }}{{ true | round }}{{ false | round(1) }}
{{ 3 % 0.1 }}{{ -3 % 0.1 }}{{ 7 // 0.1 }}{{ -7 // 2 }}{{ -7 % 2 }}{{ 7 % -2.0 }}{{ -0.0 }}{{ -0 }}{{ 6 % -3 }}
{{ 0 ** -1 }}
{{ (-8) ** 0.5 }}
{{ '１2' | int }}{{ '1_000' | int }}{{ '1__0' | int }}{{ ' 1e2 ' | int }}{{ 'nan' | float }}{{ '-inf' | float }}{{ 'inf' | int(7) }}{{ '٣.٥' | float }}
{{ 1 | indent }}
{{ ['x'] is lower }}{{ 'x\n' is lower }}{{ 5 is upper }}{{ true is upper }}
{% macro fields(spec, pad) %}{% set ns = namespace(f=caller()) %}{% for k, v in spec.items() %}{% if v is mapping %}{% call fields(v, pad + ' ') %}{{ k }}:{% endcall %}{% endif %}{% set ns.f = ns.f + pad + k %}{% endfor %}{{ ns.f }}{% endmacro %}{% call fields({'a': {'b': 1}, 'c': 2}, '-') %}top{% endcall %}
""".strip("\n").split("\n")
blocks = ["    {% if true %}\n  indented {{ 1 }}\n    {% endif %}\n  tail\n",
          "{% for m in messages %}\n    {%- if m.role == 'user' %}\nU\n    {%- elif m.role == 'tool' %}\nT{{ m.name }}\n    {%- else %}\n  O\n    {% endif %}\n{% endfor %}\n\n",
          "{%- macro a(x) %}\n  {{- x }}\n{%- endmacro %}\n{{ a(1) }}\n{{- a(2) }}", "{{ '}}' }}{{ {'a': {'b': 1}}['a'] }}\r\n{% if true %}\r\nx\r\n{% endif %}", "a\n\n", "\n\na",
          "{% set x %}\nblock {{ 1 }}\n{% endset %}[{{ x }}]"]


def rendered(template):
    try:
        return tokenizer.apply_chat_template(given["messages"], chat_template=template, tools=given["tools"], tokenize=False, add_generation_prompt=True, enable_thinking=False)
    except Exception:
        return None


with open(os.path.join(here, "expressions.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(dict(template=one, text=rendered(one)), ensure_ascii=False) for one in lines + blocks) + "\n]\n")
