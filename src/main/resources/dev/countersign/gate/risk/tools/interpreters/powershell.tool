# pwsh(1), about_Pwsh; cmd.exe
tool pwsh powershell pwsh-preview powershell.exe pwsh.exe
default high run.code starts PowerShell
flag -Command,-c,-CommandWithArgs,-cwa,-EncodedCommand,-e,-ec,-File,-f,-WorkingDirectory,-wd,-ExecutionPolicy,-ex,-ep,-InputFormat,-OutputFormat,-ConfigurationFile,-ConfigurationName,-SettingsFile,-WindowStyle,-Version =value
flag -v,-h,-Help,-? read
single
special powershell
