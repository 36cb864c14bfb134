"""What a person types to sign in, and an administrator to let others in."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from wtforms import PasswordField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from meetings.accounts.rules import Role
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, Line, at_most, required

ROLE_WORDS = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.SECRETARY: _l("Secretary"),
    Role.APPROVER: _l("Approver"),
    Role.TECHNICIAN: _l("Technician"),
    Role.SITE_OFFICER: _l("Site officer"),
    Role.RECORDS_CLERK: _l("Records clerk"),
    Role.FINANCE: _l("Finance"),
    Role.LEADER: _l("Leader"),
}
HONORIFICS = [SelectChoice("Ông", "Ông"), SelectChoice("Bà", "Bà"), SelectChoice("", "–")]


def well_formed_email(form: Form, field: Line) -> None:
    """Refuse what no mail server would take; no look-up, the network may be closed."""
    if field.data:
        try:
            validate_email(field.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_("Enter an e-mail address such as vanphong@tinh.gov.vn.")) from None


class SignInForm(Form):
    email = Line(_l("E-mail address"), required(_l("Enter the e-mail address.")), max=254)
    password = PasswordField(_l("Password"), [required(_l("Enter the password.")), at_most(200)])


class PasswordForm(Form):
    old = PasswordField(_l("Present password"), [required(_l("Enter the present password.")), at_most(200)])
    password = PasswordField(
        _l("New password"),
        [
            required(_l("Enter the new password.")),
            Length(10, 200, _l("A password has at least 10 and at most 200 characters.")),
        ],
    )


_ROLES = [SelectChoice("", _l("Choose a role")), *(SelectChoice(r.value, w) for r, w in ROLE_WORDS.items())]


class DetailsForm(Form):
    honorific = SelectField(_l("Form of address"), choices=HONORIFICS)
    name = Line(_l("Full name"), required(_l("Enter the full name.")), max=120)
    title = Line(_l("Position"), max=200)
    email = Line(_l("E-mail address"), required(_l("Enter the e-mail address.")), well_formed_email, max=254)
    phone = Line(_l("Telephone"), max=30)


class GrantForm(Form):
    role = SelectField(_l("Role"), [required(_l("Choose the role."))], choices=_ROLES)
    unit = Line(
        _l("Unit"),
        required(_l("Enter the code or the name of the unit.")),
        max=250,
        hint=_l(
            "By code, name or abbreviation; ministries and provinces are proposed while you type. The role holds for this"
            " unit and everything below it. VN is the whole country."
        ),
    )


class UserForm(DetailsForm, GrantForm):
    pass
