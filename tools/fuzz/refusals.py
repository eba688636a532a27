"""A check of the words of a refusal. `schemathesis.toml` lets some operations refuse valid data with a status; this
holds them, and all others, to the reasons that the document gives for that status."""

import schemathesis
from schemathesis.core.failures import Failure


class UndocumentedReason(Failure):
    """An error whose words the document does not give for its status."""


@schemathesis.check
def documented_refusal(ctx, response, case):
    # As for schemathesis's own checks, a method that the document does not know says nothing of the operation.
    declared = case.operation.responses.find_by_status_code(response.status_code)
    if response.status_code < 400 or declared is None or case.method.upper() != case.operation.method.upper():
        return
    content = declared.definition.get("content", {}).get("application/json")
    detail = response.json()["detail"] if content else None
    # A 422 lists faults: its schema is checked, its words are the input's.
    if not isinstance(detail, str) or detail in details_of(content):
        return
    raise UndocumentedReason(
        operation=case.operation.label,
        title="Undocumented reason",
        message=f"Documented: {', '.join(sorted(details_of(content))) or 'none'}",
    )


def details_of(content):
    examples = [example["value"] for example in content.get("examples", {}).values()]
    if "example" in content:
        examples.append(content["example"])
    return {example["detail"] for example in examples if isinstance(example["detail"], str)}
