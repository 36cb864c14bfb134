"""How the state writes: Vietnamese text, dates, money, working days, and paper of Decree 30/2020/NĐ-CP."""
