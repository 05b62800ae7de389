"""Recipe of templates.json: what transformers renders from chat templates that use the language's corners.

    python make_templates.py      # a Python with transformers 5

Left out, because @huggingface/jinja 0.5.10 differs there: Python's spelling of printed booleans, None and lists; `raw`
blocks; strings multiplied by numbers.
"""
import json
import os
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2}
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(vocabulary, "<unk>")), bos_token="<s>", eos_token="</s>")
messages = [{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "1+2?"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\n3", "tool_calls": [{"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": "\u00e9<"}}}]}, {"role": "tool", "content": "3", "name": "add"}, {"role": "user", "content": "And 3+4?"}]
tools = [{"type": "function", "function": {"name": "add", "description": "Adds 'two' numbers & more", "parameters": {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}}}]
templates = {
    "generation": "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}[{{ m.content }}]{% endgeneration %}{% else %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}",
    "tojson": "{{ tools | tojson }}|{{ tools[0] | tojson(indent=4) }}|{{ messages[2].tool_calls[0].function.arguments | tojson }}",
    "namespace": "{%- set ns = namespace(found=false, n=0) -%}{%- for m in messages[::-1] -%}{%- if m.role == 'user' and not ns.found -%}{%- set ns.found = true -%}{%- set ns.n = loop.index0 -%}{%- endif -%}{%- endfor -%}{{ ns.n }}{{ 'yes' if ns.found else 'no' }}",
    "strings": "{% for m in messages %}{{ loop.index }}/{{ loop.length }}{% if loop.first %}first{% elif loop.last %}last{% endif %} {{ m.content | trim }} {{ m.content.strip().split('</think>')[-1].lstrip('\\n') }} {{ m['role'].upper() }}{% if m.content.startswith('<think>') and '</think>' in m.content %}thought{% endif %};{% endfor %}",
    "defined": "{% if tools is defined and tools is not none %}T{% endif %}{% if foo is defined %}F{% endif %}{% if messages[0].content is string %}S{% endif %}{% if tools is iterable and tools is not mapping %}I{% endif %}{{ foo | default('dflt') }}{% if enable_thinking is defined and enable_thinking is false %}quiet{% endif %}",
    "macro": "{% macro show(x, sep=', ') %}({{ x | join(sep) }}){% endmacro %}{{ show(['a','b']) }}{{ show([1,2], sep='-') }}{{ messages | map(attribute='role') | join('>') }}{{ messages | selectattr('role','equalto','user') | list | length }}",
    "control": "{% for m in messages %}{% if m.role == 'tool' %}{% break %}{% endif %}{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.role }};{% endfor %}",
    "whitespace": "{% for m in messages %}\n    {% if m.role == 'user' %}\n    U {{ m.content }}\n    {%- else %}\n    O\n    {% endif %}\n{% endfor %}\nEND",
    "dict": "{% for k, v in tools[0].function.items() %}{{ k }}={{ v if v is string else 'obj' }};{% endfor %}{{ tools[0].function.get('missing', 'none') }}{{ {'a': 1, 'b': [1, 2.5, True, None]} | tojson }}{% if (messages | length) % 2 == 1 %}odd{% endif %}{{ 7 // 2 }}{{ -7 // 2 }}{{ 'a' ~ 1 }}",
    "escape": "{{ '\\n' }}{{ \"\\t\" }}{{- 'x' -}} {{ 'it''s' if false else \"it's\" }}",
    "filters": "{{ 'Abc' | lower }}{{ 'abc' | capitalize }}{{ ' a ' | trim }}{{ [3,1,2] | sort | join(',') }}{{ 'a,b' | replace(',', ';') }}{{ ['x','y'] | first }}{{ ['x','y'] | last }}{{ 'abc' | length }}{{ [1,2] | string }}{{ 'x' | upper }}{{ [1,1,2] | unique | list }}{{ 3.7 | int }}{{ 'hello world' | title }}{{ tools | map(attribute='function.name') | list | join }}",
    "bos": "{{ bos_token }}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}x{% endif %}{{ m.content + eos_token }}{% endfor %}{% if add_generation_prompt %}GO{% endif %}",
    "date": "{{ strftime_now('%Y') | length }}{% if strftime_now is defined %}d{% endif %}",
    "set_block": "{% set x %}a{{ 1 }}b{% endset %}{{ x }}{% set a, b = 1, 2 %}{{ a + b }}",
    "call": "{% macro w() %}<{{ caller() }}>{% endmacro %}{% call w() %}in{% endcall %}",
    "conditions": "{{ 'a' if messages|length > 3 else 'b' }}{{ messages[-1]['content'] }}{{ messages[1:3] | length }}{% for i in range(1, 6, 2) %}{{ i }}{% endfor %}{% for x in [] %}{% else %}none{% endfor %}"
}
rendered = {
    name: dict(template=template, text=tokenizer.apply_chat_template(
        messages, chat_template=template, tools=tools, tokenize=False, add_generation_prompt=True, enable_thinking=False))
    for name, template in templates.items()
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates.json"), "w") as file:
    json.dump(dict(messages=messages, tools=tools, templates=rendered), file, indent=1, ensure_ascii=False)
    file.write("\n")
